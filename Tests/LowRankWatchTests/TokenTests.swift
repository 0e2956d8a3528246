import Foundation
import LowRankSocketTesting
import LowRankWatch
import Testing

@Suite struct `Other machines need the token` {
  let token: AccessToken

  init() throws { token = try AccessToken("0123456789abcdefghij", from: "token") }

  @Test func `an address other than loopback makes one by itself`() async throws {
    let address = try await Server.run(FakeRuns(), host: "0.0.0.0") { $0.address }
    let query = try #require(
      URLComponents(url: address, resolvingAgainstBaseURL: false)?.queryItems)
    let text = try #require(query.first { $0.name == "token" }?.value)
    #expect(text.utf8.count == 43)
    #expect(AccessToken.random().text != AccessToken.random().text)
  }

  @Test(arguments: [
    "/", "/app.js", "/api/runs", "/api/runs/1/points", "/events", "/nothing",
    "/?token=0123456789abcdefghiX", "/?token=",
  ])
  func `without it nothing is told`(path: String) async throws {
    let source = FakeRuns([.example("1")])
    let token = token
    let answer = try await Server.run(source, host: "0.0.0.0", token: token) {
      try await $0.get(path)
    }
    #expect(answer.status == 401)
    #expect(!answer.body.contains("run 1"))
    #expect(answer.headers["set-cookie"] == nil)
  }

  @Test func `the first visit leaves a cookie and an address without the token`() async throws {
    let token = token
    try await Server.run(FakeRuns([.example("1")]), host: "0.0.0.0", token: token) { server in
      let first = try await server.get("/?token=\(token.text)&run=1", host: "machine.example:6360")
      #expect(first.status == 200)
      #expect(first.body.contains("content=\"0;url=/?run=1\""))
      #expect(!first.body.contains(token.text))
      // Without it the browser asks for /favicon.ico, which is not there.
      #expect(first.body.contains("<link rel=\"icon\" href=\"/icon.svg\">"))
      let cookie = try #require(first.headers["set-cookie"])
      #expect(cookie.contains("; HttpOnly; SameSite=Strict"))
      let pair = try #require(cookie.split(separator: ";").first)
      let second = try await server.get(
        "/api/runs", host: "machine.example:6360", headers: ["Cookie: other=1; \(pair)"])
      #expect(second.status == 200)
      #expect(second.body.contains("run 1"))
      let wrong = try await server.get("/api/runs", headers: ["Cookie: \(pair)x"])
      #expect(wrong.status == 401)
    }
  }

  @Test func `programs send it as a bearer`() async throws {
    let token = token
    try await Server.run(FakeRuns(), host: "0.0.0.0", token: token) { server in
      let header = "Authorization: Bearer \(token.text)"
      let (right, wrong) = (
        try await server.get("/api/runs", headers: [header]),
        try await server.get("/api/runs", headers: [header + "x"])
      )
      #expect(right.status == 200)
      #expect(wrong.status == 401)
    }
  }

  @Test(arguments: ["", "short", "with space in it, and long", "a\nb", "0123456789abcdefghi/"])
  func `a file that holds no token is refused`(text: String) {
    #expect(throws: WatchError.badToken("secret.txt")) {
      try AccessToken(text, from: "secret.txt")
    }
  }

  @Test func `a file may end in a line break`() throws {
    #expect(
      try AccessToken("0123456789abcdefghij\r\n", from: "file").text == "0123456789abcdefghij")
  }
}
