import Foundation

/// Fetches one file of a commit into the cache: under its lock, from where an earlier try ended, and checked.
struct FileDownload: Sendable {
  let file: RemoteFile
  let name: HubName
  let commit: String
  let client: HubClient
  let cached: CachedRepository
  let tally: DownloadCount

  /// A try that brought this much has got somewhere, however often connections break.
  private static let step = 1 << 16

  /// Fetches, checks and publishes the file.
  ///
  /// - Throws: `HubError`, `FileError`, `CancellationError`.
  func run() async throws {
    let lock = try await HubLock.taken(at: cached.lock(file.etag)) {
      tally.note("waiting for another process that fetches \(file.path)")
    }
    defer { withExtendedLifetime(lock) {} }
    if CachedRepository.size(cached.blob(file.etag)) == file.size {
      tally.advance(file.size, received: false)
    } else {
      try await fetch()
      try cached.publish(partial: cached.partial(file.etag), as: file.etag)
    }
    try cached.place(file.etag, as: file.path, commit, copying: client.settings.copiesFiles)
    tally.finishFile()
  }

  private func fetch() async throws {
    let partial = try PartialFile(at: cached.partial(file.etag), of: file)
    tally.advance(partial.count, received: false)
    var policy = RetryPolicy(client.settings)
    var isSecondTry = false
    while !partial.isExpected {
      let before = partial.count
      do {
        if !partial.isWhole { try await transfer(into: partial) }
        guard partial.isExpected else {
          throw HubError.mismatch(
            file.path, "the received file does not have the hash that the hub lists")
        }
      } catch let error as HubError where error.kind == .mismatch {
        // What is there may be spoilt from an earlier try, or on the way: once more, from the beginning.
        try restart(partial)
        guard !isSecondTry else {
          unlink(partial.path)
          throw error
        }
        isSecondTry = true
      } catch let error as HubError {
        try await policy.wait(after: error, advanced: partial.count - before >= Self.step)
      }
    }
    try partial.synchronize()
  }

  private func restart(_ partial: PartialFile) throws {
    tally.advance(-partial.count, received: false)
    try partial.restart()
  }

  /// Fetches what is missing, in one request.
  private func transfer(into partial: PartialFile) async throws {
    let path = file.path.split(separator: "/").map { String($0).percentEncoded }
    let start = partial.count
    let answer = try await client.get(
      "/\(name.page)/resolve/\(commit)/\(path.joined(separator: "/"))",
      headers: start > 0 ? ["Range": "bytes=\(start)-"] : [:], isLong: true)
    if answer.status == 416 {
      throw HubError.mismatch(file.path, "the hub has no bytes from \(start) on")
    }
    try answer.check(name, client.settings)
    try checkDescription(answer)
    if answer.status != 206, start > 0 {
      try restart(partial)  // the other side knows no ranges
    } else if answer.status == 206, rangeStart(answer) != start {
      throw HubError.mismatch(file.path, "other bytes came than those from \(start) on")
    }
    let expected = file.size - partial.count
    if let length = answer.headers["Content-Length"], Int(length) != expected {
      throw HubError.mismatch(
        file.path, "\(length) bytes are announced where \(expected) are listed")
    }
    while let piece = try await answer.body.next() {
      try piece.withUnsafeBytes { try partial.write($0) }
      tally.advance(piece.count, received: true)
    }
    guard partial.isWhole else { throw HubError.cut(answer.host) }
  }

  /// Refuses what the hub itself describes otherwise than its list did, and what is no file.
  private func checkDescription(_ answer: HubAnswer) throws(HubError) {
    if answer.isPage { throw .foreign(answer.host, "a web page instead of \(file.path)") }
    if let other = answer.described["X-Repo-Commit"], other != commit {
      throw .mismatch(file.path, "it is of the commit \(other), not of \(commit)")
    }
    guard case .sha256(let hash) = file.digest,
      let linked = answer.described["X-Linked-Etag"]
    else { return }
    guard linked.trimmingPrefix("W/").trimmingCharacters(in: ["\""]) == hash else {
      throw .mismatch(file.path, "the hub describes it otherwise than its list of files does")
    }
  }

  private func rangeStart(_ answer: HubAnswer) -> Int? {
    guard let range = answer.headers["Content-Range"],
      let match = range.firstMatch(of: /^bytes (\d+)-/)
    else { return nil }
    return Int(match.1)
  }
}
