import Foundation

/// The addresses of files, and of git's store of large ones.
enum FilePages {
  static func answer(_ asked: Asked, _ state: inout HubState) throws -> Answer {
    let parts = asked.target.parts
    let folder = parts.first == "datasets" ? "datasets/" : ""
    if let place = Target.split(parts[(folder.isEmpty ? 0 : 1)...], at: ["resolve"]),
      let revision = place.rest.first, ["GET", "HEAD"].contains(asked.method)
    {
      let path = place.rest.dropFirst().joined(separator: "/")
      return try resolve(folder + place.id, revision, path, asked, &state)
    }
    if let git = parts.firstIndex(where: { $0.hasSuffix(".git") }),
      Array(parts[(git + 1)...]) == ["info", "lfs", "objects", "batch"], asked.method == "POST"
    {
      let id = parts[...git].joined(separator: "/").dropLast(4)
      return try Uploads.batch(String(id), asked, state)
    }
    throw Refusal.noSuchPage
  }

  private static func resolve(
    _ id: String, _ revision: String, _ path: String, _ asked: Asked, _ state: inout HubState
  ) throws -> Answer {
    let repository = try state.readable(id, asked)
    let commit = try repository.known(revision)
    let named = [("X-Repo-Commit", commit.id)]
    guard let file = commit.files[path] else {
      throw Refusal(404, "EntryNotFound", "Entry not found", named)
    }
    guard let sha256 = file.sha256 else {
      return FileAnswer.answer(file, asked, &state, named + [("ETag", "\"\(file.etag)\"")])
    }
    let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    let location =
      "\(state.store)/_store/files/\(repository.id)/\(commit.id)/\(encoded)?signature=1"
    return .redirect(
      to: location,
      named + [
        ("X-Linked-Size", String(file.bytes.count)), ("X-Linked-ETag", "\"\(sha256)\""),
        ("Accept-Ranges", "bytes"), ("ETag", "\"\(sha256)\""),
      ])
  }
}
