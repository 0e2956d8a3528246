import LowRankCheckpoints

/// What the hub says of a revision: its commit, and the files of that.
struct Listing: Sendable {
  let commit: String
  let files: [RemoteFile]
  /// The repository's name of today, where it was renamed.
  let id: String?

  subscript(path: String) -> RemoteFile? {
    files.first { $0.path.utf8.elementsEqual(path.utf8) }
  }

  /// Reads the hub's answer.
  ///
  /// - Throws: `HubError` where it is none of a hub, or nothing that could be trusted.
  init(_ bytes: [UInt8], of name: HubName, from host: String) throws(HubError) {
    let json: JSONSection
    do {
      guard let object = try JSONValue(parsing: bytes).object else {
        throw HubError.foreign(host, "JSON that is no object")
      }
      json = JSONSection(object, of: host)
    } catch let error as HubError {
      throw error
    } catch {
      throw .foreign(host, Self.isPage(bytes) ? "a web page" : "what is no JSON")
    }
    do {
      commit = try json.string("sha")
      id = try json.optionalString("id")
      guard HubName.isCommit(commit), !name.isCommit || commit == name.revision else {
        throw HubError.foreign(host, "\"\(commit)\", which is not the commit of \(name)")
      }
      files = try json.objects("siblings").map { try Self.file($0, name) }
    } catch let error as HubError {
      throw error
    } catch {
      throw .foreign(host, "an incomplete list of files (\(error))")
    }
  }

  private static func file(_ json: JSONSection, _ name: HubName) throws -> RemoteFile {
    let path = try json.string("rfilename")
    guard NeededFiles.isSafe(path) else { throw HubError.unsafePath(path, in: name) }
    if let large = try json.optionalObject("lfs") {
      let (hash, size) = (try large.string("sha256"), try large.integer("size"))
      guard HubName.isHexadecimal(hash, count: 64), Self.sizes.contains(size) else {
        throw json.error("lfs", "must hold a SHA-256 and a size")
      }
      return RemoteFile(path: path, size: size, digest: .sha256(hash))
    }
    let (hash, size) = (try json.string("blobId"), try json.integer("size"))
    guard HubName.isHexadecimal(hash, count: 40), Self.sizes.contains(size) else {
      throw json.error("blobId", "must be git's SHA-1, beside a size")
    }
    return RemoteFile(path: path, size: size, digest: .git(hash))
  }

  /// No file is larger, so that sums of sizes are numbers.
  private static let sizes = 0..<1 << 42

  private static func isPage(_ bytes: [UInt8]) -> Bool {
    bytes.first { $0 > 0x20 } == UInt8(ascii: "<")
  }
}

extension HubClient {
  /// Asks for a revision's files.
  ///
  /// - Throws: `HubError`, `CancellationError`.
  func listing(of name: HubName, tries: Bool) async throws -> Listing {
    try await RetryPolicy.trying(settings, attempts: tries ? settings.attempts : 1) {
      let revision = name.revision.percentEncoded
      let answer = try await get(
        "/api/\(name.kind.plural)/\(name.id)/revision/\(revision)?blobs=true")
      try answer.check(name, settings)
      if answer.isPage { throw HubError.foreign(answer.host, "a web page") }
      return try Listing(await answer.collected(), of: name, from: answer.host)
    }
  }
}

extension String {
  /// The text as one component of an address.
  var percentEncoded: String {
    utf8.reduce(into: "") { text, byte in
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || "-_.~".utf8.contains(byte)
      guard !isPlain else { return text.append(Character(Unicode.Scalar(byte))) }
      let digits = String(byte, radix: 16, uppercase: true)
      text += byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
  }
}
