import Foundation
import LowRankCheckpoints

/// What of the files is to be sent, and how: the hub says which are large, and what it has.
struct PushPlan: Sendable {
  /// A file that is new or has changed.
  struct Entry: Sendable {
    let file: PushFile
    /// The SHA-256 of a large file; the others travel within the commit.
    let sha256: String?
    /// Whether the store of large files has it.
    var isStored = false
  }

  private(set) var entries: [Entry] = []
  private(set) var unchanged: [String] = []

  /// Asks the hub about every file.
  init(
    _ files: [PushFile], _ place: PushTarget, _ sender: HubSender, opensPullRequest: Bool
  ) async throws {
    let settings = sender.client.settings
    let wish: JSONValue = [
      "files": .array(
        try files.map { file in
          [
            "path": .string(file.path), "size": .integer(file.size),
            "sample": .string(try file.sample().base64EncodedString()),
          ]
        })
    ]
    let query = opensPullRequest ? "?create_pr=1" : ""
    let reply = try await sender.trying {
      let reply = try await sender.post(
        "/api/models/\(place.id)/preupload/\(place.revision.percentEncoded)\(query)", wish)
      try reply.check(place.id, settings.endpoint)
      return reply
    }
    let modes = try reply.read { answer in
      try answer.objects("files").map { file in
        (
          path: try file.string("path"), mode: try file.string("uploadMode"),
          isIgnored: try file.bool("shouldIgnore", default: false),
          known: try file.optionalString("oid")
        )
      }
    }
    for file in files {
      guard let answer = modes.first(where: { $0.path.utf8.elementsEqual(file.path.utf8) }),
        ["lfs", "regular"].contains(answer.mode)
      else { throw HubError.foreign(reply.url.hostText, "nothing about \(file.path)") }
      guard !answer.isIgnored else { throw PushError.ignored(path: file.path, id: place.id) }
      // The store takes no empty files.
      let isLarge = answer.mode == "lfs" && file.size > 0
      let name = isLarge ? try file.sha256() : try file.gitName()
      if answer.known == name {
        unchanged.append(file.path)
      } else {
        entries.append(Entry(file: file, sha256: isLarge ? name : nil))
      }
    }
  }

  /// The lines of the commit.
  func commit(_ message: String, parent: String) throws -> [UInt8] {
    var lines: [JSONValue] = [
      [
        "key": "header",
        "value": [
          "summary": .string(message), "description": "", "parentCommit": .string(parent),
        ],
      ]
    ]
    for entry in entries {
      let path = JSONValue.string(entry.file.path)
      if let sha256 = entry.sha256 {
        lines.append([
          "key": "lfsFile",
          "value": [
            "path": path, "algo": "sha256", "oid": .string(sha256),
            "size": .integer(entry.file.size),
          ],
        ])
      } else {
        let content = try entry.file.bytes().base64EncodedString()
        lines.append([
          "key": "file",
          "value": ["path": path, "encoding": "base64", "content": .string(content)],
        ])
      }
    }
    return lines.flatMap { $0.bytes() + [UInt8(ascii: "\n")] }
  }

  /// Notes that the store has a large file.
  mutating func noteStored(_ sha256: String) {
    for index in entries.indices where entries[index].sha256 == sha256 {
      entries[index].isStored = true
    }
  }
}
