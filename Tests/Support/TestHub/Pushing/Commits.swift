import Foundation

/// Commits, as lines of JSON.
enum Commits {
  /// Says what is wrong with a model card; this hub asks only for a front matter.
  static func validate(_ asked: Asked) throws -> Answer {
    let content = try asked.object()["content"] as? String ?? ""
    let hasFrontMatter = content.hasPrefix("---\n") && content.dropFirst(4).contains("\n---\n")
    let warning = ["message": "empty or missing yaml metadata in repo card"]
    return try .json([
      "errors": [[String: String]](), "warnings": hasFrontMatter ? [] : [warning],
    ])
  }

  static func commit(_ id: String, _ revision: String, _ asked: Asked, _ state: inout HubState)
    throws -> Answer
  {
    var repository = try state.repository(id, asked)
    let opensPull = asked.target.parameters["create_pr"] == "1"
    if opensPull { _ = try state.token(asked) } else { try state.checkWriting(to: id, asked) }
    let parent = try repository.known(revision)
    guard opensPull || repository.canMove(revision) else {
      throw Refusal(400, nil, "\(revision) is not a branch")
    }
    let change = try Change(asked.body, to: parent, in: state)
    if let expected = change.parent, expected != parent.id {
      throw Refusal(412, nil, "A commit has happened since. Please refresh and try again.")
    }
    let commit = Commit(
      change.files, title: change.title, message: change.message, parent: parent.id)
    var answer: [String: Any] = [
      "success": true, "commitOid": commit.id, "hookOutput": "",
      "commitUrl": "\(state.address)/\(id)/commit/\(commit.id)",
    ]
    if opensPull {
      let number = repository.open(commit)
      answer["pullRequestUrl"] = "\(state.address)/\(id)/discussions/\(number)"
    } else {
      repository.add(commit, to: revision)
    }
    state.repositories[id] = repository
    return try .json(answer)
  }
}

/// What a commit changes.
private struct Change {
  var title = ""
  var message = ""
  var parent: String?
  var files: [String: StoredFile]

  init(_ lines: Data, to parent: Commit, in state: HubState) throws {
    files = parent.files
    let kept = state.repositories.values.flatMap { repository in
      repository.commits.values.flatMap { $0.files.values }
    }
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
        let key = object["key"] as? String, let value = object["value"] as? [String: Any]
      else { throw Refusal(400, nil, "A line is not an object of a key and a value") }
      if key == "header" {
        title = value["summary"] as? String ?? ""
        message = value["description"] as? String ?? ""
        self.parent = value["parentCommit"] as? String
        continue
      }
      guard let path = value["path"] as? String, !path.isEmpty else {
        throw Refusal(400, nil, "A change has a path")
      }
      switch key {
      case "file":
        guard value["encoding"] as? String == "base64", let text = value["content"] as? String,
          let bytes = Data(base64Encoded: text)
        else { throw Refusal(400, nil, "\(path) is not in base64") }
        files[path] = StoredFile(bytes, isLarge: false)
      case "lfsFile":
        let name = value["oid"] as? String ?? ""
        guard let bytes = state.objects[name] ?? kept.first(where: { $0.sha256 == name })?.bytes
        else {
          throw Refusal(422, nil, "LFS pointer pointed to a file that does not exist: \(path)")
        }
        files[path] = StoredFile(bytes, isLarge: true)
      case "deletedFile":
        guard files.removeValue(forKey: path) != nil else {
          throw Refusal(404, "EntryNotFound", "A file with this name doesn't exist: \(path)")
        }
      case "deletedFolder":
        let folder = path.hasSuffix("/") ? path : path + "/"
        files = files.filter { !$0.key.hasPrefix(folder) }
      default: throw Refusal(400, nil, "\(key) is not known")
      }
    }
    guard !title.isEmpty else { throw Refusal(400, nil, "A commit has a summary") }
  }
}
