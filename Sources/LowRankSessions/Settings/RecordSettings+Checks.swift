import Foundation
import LowRankRuns

extension RecordSettings {
  /// The file of the store; nil where the run is not to be noted.
  package var place: URL? {
    if noStore { return nil }
    return store.map { URL(filePath: $0) }
      ?? RunStore.standardLocation(ProcessInfo.processInfo.environment)
  }

  /// Refuses settings that contradict each other.
  package func check() throws {
    if let store, noStore { throw SettingsError("\(.store) \(store) contradicts \(.noStore)") }
    if tensorboard == "" { throw SettingsError("\(.tensorboard) is empty, expected a folder") }
    if store == "" { throw SettingsError("\(.store) is empty, expected a file") }
  }

  /// Refuses, before anything is read, a named file that is something else than a run store.
  ///
  /// A store that cannot be opened at the moment does not keep a run from being trained.
  /// - Throws: `RunStoreError`.
  package func checkStore() throws {
    guard !noStore, let store else { return }
    let url = URL(filePath: store)
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    guard let attributes else { return }
    if attributes[.type] as? FileAttributeType == .typeRegular, attributes[.size] as? Int == 0 {
      Remarks.note("\(store) is empty and becomes a run store")
      return
    }
    do { _ = try RunStore(reading: url) } catch {
      switch error.problem {
      case .notAFile, .noDatabase, .foreign, .newer, .damaged: throw error
      default: return
      }
    }
  }
}
