import Foundation
import LowRank
import LowRankCheckpoints

/// What long work led to is saved, but not where it was asked for: its place failed after it had been tried.
struct RescuedSave: Error, CustomStringConvertible {
  let description: String

  /// Saves something at a place, or, where the place does not take it, among the temporary files.
  ///
  /// - Parameter hint: what to do with it there.
  /// - Throws: `RescuedSave` where it is saved elsewhere, else what saving at the place throws.
  static func saving(_ place: URL, hint: String, _ save: (URL) throws -> Void) throws {
    do { try save(place) } catch {
      guard isOfPlace(error) else { throw error }
      let other = FileManager.default.temporaryDirectory
        .appending(path: "lowrank-rescued-\(UUID().uuidString)")
      do { try save(other) } catch _ { throw error }
      throw RescuedSave(
        description: "\(error); what the run reached is saved in \(other.path) instead: \(hint)")
    }
  }

  /// Whether a save would work elsewhere, and is not complete already.
  private static func isOfPlace(_ error: any Error) -> Bool {
    guard let error = error as? PublishingError else { return error is FileError }
    switch error {
    case .exists, .notAFolder, .notAFile, .containsCurrentFolder: return true
    case .kept, .unfinished, .leftover: return false
    }
  }
}
