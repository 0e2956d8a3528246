import Foundation

/// A file or folder beside the tests.
func fixture(_ name: String) throws -> URL {
  guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
  return folder.appending(path: "Fixtures").appending(path: name)
}
