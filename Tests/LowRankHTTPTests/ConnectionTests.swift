import Foundation
import LowRankHTTP
import LowRankSocketTesting
import Testing

@Suite("Many connections are open at once") struct ConnectionTests {
  /// Raises the limit of open files where the system lets it, and says how many there may be.
  private func descriptors() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8192))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(limit.rlim_cur)
  }

  @Test("2,000 that wait leave the next request its answer, and are answered themselves")
  func idleConnections() async throws {
    // Both ends are in this process.
    let count = min(2000, (descriptors() - 500) / 2)
    try await Site.run({ $0.limits.connections = 4096 }) { (site: Site) async throws in
      let waiting = try (0..<count).map { _ in try Conversation(port: site.port) }
      for number in 0..<20 {
        #expect(try await site.get("/\(number)").body.hasPrefix("GET \(number) "))
      }
      for conversation in waiting.enumerated().filter({ $0.offset % 100 == 0 }).map(\.element) {
        try await conversation.send(Site.request("/late"))
        #expect(try await conversation.read { $0.hasSuffix("[]") }.contains("GET late "))
      }
      withExtendedLifetime(waiting) {}
    }
  }

  @Test("When there are too many, the one that has waited longest makes room")
  func room() async throws {
    try await Site.run({ $0.limits.connections = 3 }) { (site: Site) async throws in
      var waiting: [Conversation] = []
      for number in 0..<3 {
        let conversation = try Conversation(port: site.port)
        try await conversation.send(Site.request("/\(number)"))
        _ = try await conversation.read { $0.hasSuffix("[]") }
        waiting.append(conversation)
      }
      #expect(try await site.get("/next").status == 200)
      #expect(try await waiting[0].read { _ in false } == "")
      try await waiting[2].send(Site.request("/again"))
      #expect(try await waiting[2].read { $0.hasSuffix("[]") }.contains("GET again "))
    }
  }

  @Test("When all are being answered, the next one waits until one is free")
  func noRoom() async throws {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let (permissions, permission) = AsyncStream<Void>.makeStream()
    let isAnswered = Flag()
    let handler: HTTPServer.Handler = { request in
      if request.target.path == "/slow" {
        continuation.yield()
        for await _ in permissions { break }
      }
      return HTTPResponse(.ok, body: .text("done"))
    }
    try await Site.run({ $0.limits.connections = 1 }, handler: handler) {
      (site: Site) async throws in
      let slow = try Conversation(port: site.port)
      try await slow.send(Site.request("/slow"))
      for await _ in asked { break }
      let next = Task {
        let answer = try await site.get("/")
        isAnswered.raise()
        return answer
      }
      try await Task.sleep(for: .milliseconds(200))
      #expect(!isAnswered.isRaised)
      permission.yield()
      #expect(try await slow.read { $0.hasSuffix("done") }.hasSuffix("done"))
      #expect(try await next.value.body == "done")
    }
  }

  @Test("A port in use, and a name that is no address, are one sentence each")
  func listening() async throws {
    try await Site.run { (site: Site) async throws in
      let second = HTTPServer(.init(port: site.port)) { try await Site.echo($0) }
      let error = await #expect(throws: ListenError.self) { try await second.run { _ in } }
      #expect(error == .portInUse(host: "127.0.0.1", port: site.port))
    }
    let nowhere = HTTPServer(.init(host: "no.such.host.invalid")) { try await Site.echo($0) }
    let error = await #expect(throws: ListenError.self) { try await nowhere.run { _ in } }
    #expect(error?.description.hasPrefix("cannot listen on no.such.host.invalid, port 0: ") == true)
  }

  @Test("IPv6's loopback is listened on like IPv4's")
  func loopbackOfIPv6() async throws {
    do {
      try await Site.run({ $0.host = "::1" }) { (site: Site) async throws in
        let conversation = try Conversation(host: "::1", port: site.port)
        try await conversation.send(Site.request("/six"))
        #expect(try await conversation.read { $0.hasSuffix("[]") }.contains("GET six "))
      }
    } catch ListenError.unusable(_, _, let reason) {
      // A machine without IPv6 says so.
      #expect(reason.contains("assign") || reason.contains("not supported"))
    }
  }
}
