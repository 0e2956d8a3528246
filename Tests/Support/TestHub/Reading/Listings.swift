import Foundation

/// What a repository holds.
enum Listings {
  static func info(_ id: String, _ revision: String, _ asked: Asked, _ state: inout HubState) throws
    -> Answer
  {
    let repository = try state.repository(id, asked)
    let commit = try repository.known(revision)
    let isDetailed = asked.target.parameters["blobs"].map { $0.lowercased() == "true" } ?? false
    var siblings: [[String: Any]] = commit.paths.map { path in
      var sibling: [String: Any] = ["rfilename": path]
      guard isDetailed, let file = commit.files[path] else { return sibling }
      sibling["size"] = file.bytes.count
      sibling["blobId"] = file.blob
      sibling["lfs"] = file.sha256.map {
        ["sha256": $0, "size": file.bytes.count, "pointerSize": file.pointerSize] as [String: Any]
      }
      return sibling
    }
    let id = repository.id.replacing("datasets/", with: "")
    if let path = takeListed(asked, &state) {
      siblings.append([
        "rfilename": path, "size": 1, "blobId": StoredFile(Data([0]), isLarge: false).blob,
      ])
    }
    return try .json(
      [
        "_id": commit.id, "id": id, "modelId": id, "sha": commit.id,
        "author": id.split(separator: "/").first.map(String.init) ?? "",
        "private": repository.isPrivate, "gated": repository.isGated ? "manual" : false,
        "disabled": false, "downloads": 0, "likes": 0, "tags": [String](),
        "createdAt": time(commit.date), "lastModified": time(commit.date), "siblings": siblings,
      ] as [String: Any])
  }

  static func tree(_ id: String, _ rest: [String], _ asked: Asked, _ state: inout HubState) throws
    -> Answer
  {
    let repository = try state.repository(id, asked)
    let commit = try repository.known(rest.first ?? "main")
    let folder = rest.dropFirst().joined(separator: "/")
    let isRecursive = asked.target.parameters["recursive"]?.lowercased() == "true"
    var entries = entries(of: commit, in: folder, isRecursive: isRecursive)
    guard !entries.isEmpty || folder.isEmpty else {
      throw Refusal(404, "EntryNotFound", "\(folder) does not exist on \"\(rest[0])\"")
    }
    if let path = takeListed(asked, &state) {
      entries.append([
        "type": "file", "path": path, "size": 1, "oid": StoredFile(Data([0]), isLarge: false).blob,
      ])
    }
    let limit = asked.target.parameters["limit"].flatMap { Int($0) }
    let size = min(state.settings.pageSize, limit ?? .max)
    let start = asked.target.parameters["cursor"].flatMap { Int($0) } ?? 0
    let page = Array(entries.dropFirst(start).prefix(size))
    let next = start + page.count
    let link =
      "<\(state.address)\(asked.target.raw)?recursive=\(isRecursive)&limit=\(size)&cursor=\(next)>; rel=\"next\""
    return try .json(page, next < entries.count ? [("Link", link)] : [])
  }

  static func refs(_ id: String, _ asked: Asked, _ state: HubState) throws -> Answer {
    let repository = try state.repository(id, asked)
    func list(_ names: [String: String], _ kind: String) -> [[String: Any]] {
      names.sorted { $0.key < $1.key }.map {
        ["name": $0.key, "ref": "refs/\(kind)/\($0.key)", "targetCommit": $0.value]
      }
    }
    let pulls = repository.pulls.enumerated().map { number, commit in
      ["name": "pr/\(number + 1)", "ref": "refs/pr/\(number + 1)", "targetCommit": commit]
    }
    return try .json(
      [
        "branches": list(repository.branches, "heads"), "tags": list(repository.tags, "tags"),
        "converts": [String](), "pullRequests": pulls,
      ] as [String: Any])
  }

  static func commits(_ id: String, _ revision: String, _ asked: Asked, _ state: HubState) throws
    -> Answer
  {
    let repository = try state.repository(id, asked)
    _ = try repository.known(revision)
    return try .json(
      repository.history(of: revision).map { commit in
        [
          "id": commit.id, "title": commit.title, "message": commit.message,
          "date": time(commit.date), "authors": [["user": "tester"]],
        ] as [String: Any]
      })
  }

  /// Files and the folders that hold them, in git's order.
  private static func entries(of commit: Commit, in folder: String, isRecursive: Bool)
    -> [[String: Any]]
  {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var folders: Set<String> = []
    var entries: [[String: Any]] = []
    for path in commit.paths where path.hasPrefix(prefix) {
      let names = path.dropFirst(prefix.count).split(separator: "/")
      for depth in stride(from: 1, to: isRecursive ? names.count : min(2, names.count), by: 1) {
        let folder = prefix + names[..<depth].joined(separator: "/")
        if folders.insert(folder).inserted {
          let name = StoredFile(Data(folder.utf8), isLarge: false).blob
          entries.append(["type": "directory", "path": folder, "size": 0, "oid": name])
        }
      }
      guard isRecursive || names.count == 1, let file = commit.files[path] else { continue }
      var entry: [String: Any] = [
        "type": "file", "path": path, "size": file.bytes.count, "oid": file.blob,
      ]
      entry["lfs"] = file.sha256.map {
        ["oid": $0, "size": file.bytes.count, "pointerSize": file.pointerSize] as [String: Any]
      }
      entries.append(entry)
    }
    return entries
  }

  /// The path that a fault puts on the list.
  private static func takeListed(_ asked: Asked, _ state: inout HubState) -> String? {
    state.faults.take(asked.method, asked.target.path, where: { $0.kind == .lists })
      .map { $0.location ?? "../x" }
  }

  private static func time(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
