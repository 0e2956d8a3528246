import Foundation
import LowRank
import LowRankCheckpoints

/// A result was saved to another place, because saving to its destination failed after a successful test.
package struct RescuedSave: KeyedError {
  package let text: KeyedText

  /// Saves to a destination or, if that fails, to the temporary folder.
  ///
  /// - Parameter hint: what to do with a result in the temporary folder.
  /// - Throws: `RescuedSave` if the result was saved to the temporary folder, else what saving to the destination
  ///   throws.
  package static func saving(_ place: URL, hint: KeyedText, _ save: (URL) throws -> Void) throws {
    do { try save(place) } catch {
      guard isOfPlace(error) else { throw error }
      let other = FileManager.default.temporaryDirectory
        .appending(path: "lowrank-rescued-\(UUID().uuidString)")
      do { try save(other) } catch _ { throw error }
      throw RescuedSave(
        text: "\(error); what the run reached is saved in \(other.path) instead: \(hint)")
    }
  }

  /// Whether saving elsewhere could succeed, and the result is not complete already.
  private static func isOfPlace(_ error: any Error) -> Bool {
    guard let error = error as? PublishingError else { return error is FileError }
    switch error {
    case .exists, .holdsOthers, .notAFolder, .brokenLink, .notAFile, .containsCurrentFolder:
      return true
    case .kept, .unfinished, .leftover: return false
    }
  }
}
