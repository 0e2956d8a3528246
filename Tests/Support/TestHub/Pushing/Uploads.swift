import Foundation

/// What is asked before files are sent.
enum Uploads {
  /// Which files are large, and which are there already.
  static func modes(_ id: String, _ revision: String, _ asked: Asked, _ state: HubState) throws
    -> Answer
  {
    let repository = try state.repository(id, asked)
    let opensPull = asked.target.parameters["create_pr"] == "1"
    if opensPull { _ = try state.token(asked) } else { try state.checkWriting(to: id, asked) }
    let commit = try repository.known(revision)
    guard let files = try asked.object()["files"] as? [[String: Any]] else {
      throw Refusal(400, nil, "files is required")
    }
    let answers = try files.map { file -> [String: Any] in
      guard let path = file["path"] as? String, let size = file["size"] as? Int,
        let sample = file["sample"] as? String, let bytes = Data(base64Encoded: sample)
      else { throw Refusal(400, nil, "A file has a path, a size and a sample") }
      let isLarge = StoredFile.isLarge(path, size: size) || bytes.contains(0)
      var answer: [String: Any] = [
        "path": path, "uploadMode": isLarge ? "lfs" : "regular", "shouldIgnore": false,
      ]
      answer["oid"] = commit.files[path]?.etag
      return answer
    }
    return try .json(["files": answers, "commitOid": commit.id] as [String: Any])
  }

  /// Where large files are to be sent: nowhere where the store has them.
  static func batch(_ id: String, _ asked: Asked, _ state: HubState) throws -> Answer {
    let repository = try state.repository(id, asked)
    let request = try asked.object()
    // Whoever proposes a change names no branch to write to.
    let isProposed = try request["ref"] == nil && state.token(asked) != nil
    if !isProposed { try state.checkWriting(to: id, asked) }
    guard request["operation"] as? String == "upload",
      let objects = request["objects"] as? [[String: Any]]
    else { throw Refusal(422, nil, "operation must be upload, objects a list") }
    let known = Set(repository.commits.values.flatMap { $0.files.values.compactMap(\.sha256) })
    var usesParts = false
    let answers = try objects.map { object -> [String: Any] in
      guard let name = object["oid"] as? String, name.count == 64, let size = object["size"] as? Int
      else { throw Refusal(422, nil, "An object has an oid and a size") }
      var answer: [String: Any] = ["oid": name, "size": size]
      if let limit = state.settings.uploadLimit, size > limit {
        answer["error"] =
          [
            "code": 413, "message": "The file is larger than the \(limit) bytes that are left.",
          ] as [String: Any]
      } else if !known.contains(name), state.objects[name] == nil {
        let inParts = state.settings.partSize.map { size > $0 } ?? false
        usesParts = usesParts || inParts
        answer["actions"] = actions(id, name, size, inParts ? state.settings.partSize : nil, state)
      }
      return answer
    }
    let transfer = usesParts ? "multipart" : "basic"
    return try .json(["transfer": transfer, "objects": answers] as [String: Any])
  }

  private static func actions(
    _ id: String, _ name: String, _ size: Int, _ part: Int?, _ state: HubState
  ) -> [String: Any] {
    var header: [String: String] = [:]
    if let part {
      header["chunk_size"] = String(part)
      for number in 1...((size + part - 1) / part) {
        header[String(number)] = "\(state.store)/_store/parts/\(name)/\(number)?signature=1"
      }
    }
    let place = part == nil ? "objects" : "joined"
    return [
      "upload": [
        "href": "\(state.store)/_store/\(place)/\(name)?signature=1", "header": header,
      ] as [String: Any],
      "verify": ["href": "\(state.address)/_store/verify/\(id)/\(name)"],
    ]
  }
}
