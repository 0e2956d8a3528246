import Foundation

/// How folders take other names: as the system does it, or as a test wants it to fail.
package struct FolderRenames: Sendable {
  /// Gives a folder a name that is missing, or that of an empty folder; 0, or the number of the system's reason.
  package var rename: @Sendable (_ old: String, _ new: String) -> Int32
  /// Exchanges two folders in one step; 0, or the number of the system's reason.
  package var exchange: @Sendable (_ left: String, _ right: String) -> Int32

  /// Does a step of a save inside a folder: gives a file its name, or removes the one it had (no new name); 0, or the number of
  /// the system's reason.
  package var step: @Sendable (_ old: String, _ new: String?) -> Int32

  /// The system's own.
  package static let system = FolderRenames(
    rename: { Glibc.rename($0, $1) == 0 ? 0 : errno },
    exchange: { left, right in
      guard let exchangingRename else { return ENOSYS }
      return exchangingRename(left, right) ? 0 : errno
    },
    step: { old, new in
      (new.map { Glibc.rename(old, $0) } ?? unlink(old)) == 0 ? 0 : errno
    })

  /// Those that publishing uses.
  @TaskLocal package static var current: FolderRenames = system
}
