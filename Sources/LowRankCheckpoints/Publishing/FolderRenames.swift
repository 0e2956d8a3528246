import Foundation

/// The system calls that rename folders, which tests replace to make them fail.
package struct FolderRenames: Sendable {
  /// Renames a folder to a name that does not exist or that of an empty folder; returns 0 or `errno`.
  package var rename: @Sendable (_ old: String, _ new: String) -> Int32
  /// Exchanges two folders atomically; returns 0 or `errno`.
  package var exchange: @Sendable (_ left: String, _ right: String) -> Int32

  /// Performs a step of an in-place save: renames a file, or removes it if there is no new name; returns 0 or
  /// `errno`.
  package var step: @Sendable (_ old: String, _ new: String?) -> Int32

  /// The calls of the system.
  package static let system = FolderRenames(
    rename: { Glibc.rename($0, $1) == 0 ? 0 : errno },
    exchange: { left, right in
      guard let exchangingRename else { return ENOSYS }
      return exchangingRename(left, right) ? 0 : errno
    },
    step: { old, new in
      (new.map { Glibc.rename(old, $0) } ?? unlink(old)) == 0 ? 0 : errno
    })

  /// The calls that publishing uses.
  @TaskLocal package static var current: FolderRenames = system
}
