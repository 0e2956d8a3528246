import Foundation
import LowRankCheckpoints

/// A JSON file beside the tests.
func fixture(_ name: String) throws -> JSONFile {
  guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
  return try JSONFile(at: folder.appending(path: "Fixtures").appending(path: name))
}
