import Foundation

/// The certificates that are trusted in place of the system's.
struct Certificates: Sendable {
  /// The variable that names them.
  let variable: String
  /// A file of them, in PEM form.
  let file: String?
  /// Folders of them as `openssl rehash` makes them, with colons between.
  let folders: String?

  /// What the environment says: `SSL_CERT_FILE` and `SSL_CERT_DIR` first, as for OpenSSL, then what Python's requests read.
  init?(_ environment: [String: String]) {
    let names = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
    let found = names.lazy.compactMap { name in
      environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
    }
    guard let (name, path) = found.first else { return nil }
    let isFolder =
      name == "SSL_CERT_DIR" || name != "SSL_CERT_FILE" && Self.isFolder(path)
    (variable, file, folders) = (name, isFolder ? nil : path, isFolder ? path : nil)
  }

  /// Refuses what cannot be read.
  func check() throws(HubError) {
    if let file {
      guard !Self.isFolder(file), FileManager.default.isReadableFile(atPath: file) else {
        throw .badSetting(variable, file, expected: "a file of certificates that can be read")
      }
    }
    if let folders {
      guard folders.split(separator: ":").contains(where: { Self.isFolder(String($0)) }) else {
        throw .badSetting(variable, folders, expected: "a folder of certificates")
      }
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
