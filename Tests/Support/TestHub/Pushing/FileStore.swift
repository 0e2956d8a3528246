import Foundation

/// The store of large files, whose addresses need no token: whoever has one may use it.
enum FileStore {
  static func answer(_ asked: Asked, _ state: inout HubState) throws -> Answer {
    let parts = Array(asked.target.parts.dropFirst())
    switch (asked.method, parts.first, parts.count) {
    case ("GET", "files", 4...), ("HEAD", "files", 4...):
      guard let file = file(parts.dropFirst(), state) else { throw Refusal.noSuchPage }
      return FileAnswer.answer(file, asked, &state, [("ETag", "\"\(file.etag)\"")])
    case ("PUT", "objects", 2):
      return try keep(asked.body, as: parts[1], &state)
    case ("PUT", "parts", 3):
      guard let number = Int(parts[2]) else { throw Refusal.noSuchPage }
      state.parts[parts[1], default: [:]][number] = asked.body
      return Answer(200, [("ETag", "\"part-\(number)\"")])
    case ("POST", "joined", 2):
      return try join(parts[1], asked, &state)
    case ("POST", "verify", 3...):
      guard try state.token(asked) != nil else {
        throw Refusal(401, nil, "Invalid username or password.")
      }
      let fields = try asked.object()
      guard let name = fields["oid"] as? String, let bytes = state.objects[name],
        fields["size"] as? Int == bytes.count
      else { throw Refusal(404, nil, "The file did not arrive") }
      return try .json([String: Any]())
    default: throw Refusal.noSuchPage
    }
  }

  /// `owner/name/commit/path`, or `name/commit/path`, with `datasets/` before it for data sets.
  private static func file(_ parts: ArraySlice<String>, _ state: HubState) -> StoredFile? {
    let parts = Array(parts)
    for length in [3, 2, 1] where parts.count > length + 1 {
      let id = parts[..<length].joined(separator: "/")
      if let commit = state.repositories[id]?.commits[parts[length]] {
        return commit.files[parts[(length + 1)...].joined(separator: "/")]
      }
    }
    return nil
  }

  private static func keep(_ bytes: Data, as name: String, _ state: inout HubState) throws -> Answer
  {
    guard Hashes.sha256(bytes) == name else {
      throw Refusal(400, nil, "The bytes are not those of \(name)")
    }
    state.objects[name] = bytes
    return Answer(200)
  }

  private static func join(_ name: String, _ asked: Asked, _ state: inout HubState) throws -> Answer
  {
    let told = try asked.object()["parts"] as? [[String: Any]] ?? []
    let sent = state.parts.removeValue(forKey: name) ?? [:]
    var bytes = Data()
    for part in told {
      guard let number = part["partNumber"] as? Int, let more = sent[number],
        part["etag"] as? String == "\"part-\(number)\""
      else { throw Refusal(400, nil, "A part is missing") }
      bytes += more
    }
    return try keep(bytes, as: name, &state)
  }
}
