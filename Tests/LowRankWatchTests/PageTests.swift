import Foundation
import LowRankSocketTesting
import LowRankWatch
import Testing

@Suite struct `The page is served to this machine` {
  @Test(arguments: ["/", "/?run=7", "/app.css", "/icon.svg", "/theme.js", "/app.js", "/series.js"])
  func `every file is there and may not be anything else`(path: String) async throws {
    let answer = try await Server.run(FakeRuns()) { try await $0.get(path) }
    #expect(answer.status == 200)
    #expect(answer.body.utf8.count > 100)
    #expect(answer.headers["content-length"] == "\(answer.body.utf8.count)")
    #expect(answer.headers["x-content-type-options"] == "nosniff")
    #expect(answer.headers["referrer-policy"] == "no-referrer")
    #expect(answer.headers["cache-control"] == "no-store")
    let policy = try #require(answer.headers["content-security-policy"])
    #expect(policy.hasPrefix("default-src 'none'; script-src 'self';"))
    #expect(!policy.contains("unsafe"))
  }

  @Test func `the page holds no script of its own and names only files that are served`()
    async throws
  {
    try await Server.run(FakeRuns()) { server in
      let page = try await server.get("/").body
      #expect(!page.contains("style=") && !page.contains("onclick"))
      let files = page.matches(of: /(?:src|href)="(\/[^"]+)"/).map { String($0.1) }
      #expect(files.contains("/app.js") && files.contains("/app.css"))
      for file in files { #expect(try await server.get(file).status == 200) }
      var scripts = ["/app.js"]
      while let script = scripts.popLast() {
        let text = try await server.get(script).body
        let modules = text.matches(of: /from "\.(\/[a-z]+\.js)"/).map { String($0.1) }
        #expect(text.hasPrefix("//"), "\(script) is not there")
        scripts += modules
      }
    }
  }

  @Test func `HEAD has the headers alone`() async throws {
    let answer = try await Server.run(FakeRuns()) { try await $0.get("/", method: "HEAD") }
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS"])
  func `nothing else is answered`(method: String) async throws {
    let answer = try await Server.run(FakeRuns()) { try await $0.get("/", method: method) }
    #expect(answer.status == 405)
    #expect(answer.headers["allow"] == "GET, HEAD")
  }

  @Test(arguments: ["localhost", "localhost:9", "127.0.0.1:6360", "[::1]:6360", "LOCALHOST"])
  func `any name of loopback is answered`(host: String) async throws {
    let answer = try await Server.run(FakeRuns()) { try await $0.get("/api/runs", host: host) }
    #expect(answer.status == 200)
  }

  @Test(arguments: ["evil.example", "127.0.0.1.evil.example:6360", "localhost.evil.example", ""])
  func `a name that was only made to lead here is not`(host: String) async throws {
    let answer = try await Server.run(FakeRuns([.example("1")])) {
      try await $0.get("/api/runs", host: host)
    }
    #expect(answer.status == 421)
    #expect(!answer.body.contains("run 1"))
  }

  @Test func `pages of other sites get neither files nor events`() async throws {
    try await Server.run(FakeRuns()) { server in
      for path in ["/api/runs", "/events", "/app.js"] {
        let refused = try await server.get(path, headers: ["Sec-Fetch-Site: cross-site"])
        #expect(refused.status == 403)
      }
      let page = try await server.get("/", headers: ["Sec-Fetch-Site: cross-site"])
      #expect(page.status == 200)
    }
  }

  @Test func `a port in use is one sentence`() async throws {
    try await Server.run(FakeRuns()) { server in
      let second = WatchServer(FakeRuns(), port: server.port)
      await #expect(throws: WatchError.portInUse(host: "127.0.0.1", port: server.port)) {
        try await second.run { _ in }
      }
      let sentence = WatchError.portInUse(host: "127.0.0.1", port: server.port).description
      #expect(sentence.contains("port \(server.port) of 127.0.0.1 is in use"))
    }
  }

  @Test func `an address that is not this machine's is one sentence`() async throws {
    let server = WatchServer(FakeRuns(), host: "203.0.113.9", port: 0)
    await #expect(throws: WatchError.self) { try await server.run { _ in } }
  }
}
