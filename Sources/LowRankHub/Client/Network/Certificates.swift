import Foundation

/// The certificates to trust instead of the system's.
struct Certificates: Sendable {
  /// The environment variable that names them.
  let variable: String
  /// The path of a file with certificates in PEM format.
  let file: String?
  /// The paths of folders with certificates, as `openssl rehash` creates them, separated by colons.
  let folders: String?

  /// Reads the environment: `SSL_CERT_FILE` and `SSL_CERT_DIR` first, as OpenSSL does, then the variables of Python's
  /// requests.
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

  /// Throws if the certificates cannot be read.
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
