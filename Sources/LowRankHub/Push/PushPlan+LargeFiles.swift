import Foundation
import LowRankCheckpoints
import LowRankProgress

extension PushPlan {
  /// Sends the large files that the store does not have.
  mutating func uploadLarge(
    _ place: PushTarget, _ sender: HubSender, opensPullRequest: Bool,
    _ report: @Sendable (String) -> Void
  ) async throws {
    let large = entries.compactMap { entry in entry.sha256.map { (entry.file, $0) } }
    guard !large.isEmpty else { return }
    let settings = sender.client.settings
    for orders in try await orders(for: large, place, sender, opensPullRequest: opensPullRequest) {
      guard let order = orders.order else {
        noteStored(orders.sha256)
        continue
      }
      report("sending \(orders.file.path), \(HubError.text(orders.file.size))")
      let work = Work("sending \(orders.file.path)", of: orders.file.size, .bytes)
      defer { work.end() }
      try await sender.trying {
        let reply = try await sender.send(
          .put, to: order.upload, order.headers, orders.file.body.counted(by: work))
        guard reply.status != 403 else {
          throw PushError.refused(
            id: place.id, status: 403, reason: "the store of large files does")
        }
        try reply.check(place.id, settings.endpoint, sending: orders.file.path)
      }
      guard let verify = order.verify else { continue }
      let told: JSONValue = ["oid": .string(orders.sha256), "size": .integer(orders.file.size)]
      try await sender.trying {
        let reply = try await sender.send(
          .post, to: verify, ["Content-Type": "application/json"], RequestBody(told.bytes()))
        try reply.check(place.id, settings.endpoint, sending: orders.file.path)
      }
    }
  }

  /// Where a large file is to be sent, and where to say that it was.
  private struct Order {
    let upload: String
    let headers: HTTPHeaders
    let verify: String?
  }

  private func orders(
    for large: [(file: PushFile, sha256: String)], _ place: PushTarget, _ sender: HubSender,
    opensPullRequest: Bool
  ) async throws -> [(file: PushFile, sha256: String, order: Order?)] {
    let settings = sender.client.settings
    var wish: JSONObject = [
      "operation": "upload", "transfers": ["basic"], "hash_algo": "sha256",
      "objects": .array(
        large.map { ["oid": .string($0.sha256), "size": .integer($0.file.size)] }),
    ]
    // Whoever proposes a change need not have the right to make it.
    if !opensPullRequest { wish["ref"] = ["name": .string(place.revision)] }
    let wanted = JSONValue.object(wish)
    let reply = try await sender.trying {
      let reply = try await sender.post(
        "/\(place.id).git/info/lfs/objects/batch", wanted, type: "application/vnd.git-lfs+json")
      try reply.check(place.id, settings.endpoint, sending: "the large files")
      return reply
    }
    let answers = try reply.read { try $0.objects("objects") }
    return try large.map { file, sha256 in
      try reply.read { _ in
        guard let answer = try answers.first(where: { try $0.string("oid") == sha256 }) else {
          throw HubError.foreign(reply.url.hostText, "nothing about \(file.path)")
        }
        if let error = try answer.optionalObject("error") {
          throw PushError.tooLarge(what: file.path, reason: try error.string("message"))
        }
        return (file, sha256, try Self.order(answer, file))
      }
    }
  }

  /// Reads what is to be done; nil where the store has the file.
  private static func order(_ answer: JSONSection, _ file: PushFile) throws -> Order? {
    guard let actions = try answer.optionalObject("actions"),
      let upload = try actions.optionalObject("upload")
    else { return nil }
    var headers: HTTPHeaders = [:]
    if let given = try upload.optionalObject("header") {
      guard given["chunk_size"] == nil else {
        throw PushError.partsOnly(path: file.path, size: file.size)
      }
      for key in given.allKeys { headers.add(key, try given.string(key)) }
    }
    return Order(
      upload: try upload.string("href"), headers: headers,
      verify: try actions.optionalObject("verify")?.string("href"))
  }
}
