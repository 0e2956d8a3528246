import LowRankHTTP
import LowRankSocketTesting
import Testing

@Suite("Requests and responses are HTTP/1.1") struct MessageTests {
  @Test("A path is split first and decoded then, and no part of it leads out of its folder")
  func paths() async throws {
    try await Site.run { (site: Site) async throws in
      #expect(
        try await site.get("/a%20b/%C3%A9%2Fc//d?x=%20").body.hasPrefix("GET a b|é/c|d ?x=%20 "))
      for path in [
        "/../etc/passwd", "/a/../b", "/a/%2e%2e/b", "/a/.%2E", "/./a", "/a/%2e", "/a%00b", "/a%2",
        "/a%zz", "/%ff", "/%",
      ] {
        #expect(try await site.get(path).status == 400, "\(path)")
      }
      #expect(try await site.get("/a..b/...").status == 200)
    }
  }

  @Test("A whole address names the host instead of the field")
  func wholeAddresses() async throws {
    try await Site.run { (site: Site) async throws in
      let answer = try await site.get("http://other.example:80/a?b")
      #expect(answer.body == "GET a ?b @other.example:80 []")
      #expect(try await site.get("HTTP://other.example").body == "GET  ? @other.example []")
    }
  }

  @Test("HEAD gets the header of GET alone")
  func head() async throws {
    try await Site.run { (site: Site) async throws in
      let (head, get) = (
        try await site.get("/abc", method: "HEAD"), try await site.get("/abcd")
      )
      #expect(head.body.isEmpty)
      #expect(head.headers["content-length"] == get.headers["content-length"])
    }
  }

  @Test("Requests sent at once are answered in their order")
  func pipelining() async throws {
    try await Site.run { (site: Site) async throws in
      let text = (1...20).map { number in
        Site.request(
          "/\(number)", method: "POST",
          headers: ["Content-Length: 3"] + (number == 20 ? ["Connection: close"] : []), body: "abc")
      }.joined()
      let answer = try await site.tell(text)
      let order = answer.matches(of: /POST ([0-9]+) [?]/).map { Int($0.1) }
      #expect(order == Array(1...20))
      #expect(answer.matches(of: /\[abc\]/).count == 20)
    }
  }

  @Test("A body in chunks is read whole, whatever the pieces in which it arrives")
  func chunks() async throws {
    // A byte at a time takes long on a busy machine.
    try await Site.run({ $0.times.header = .seconds(120) }) { (site: Site) async throws in
      let text = Site.request(
        "/", method: "POST", headers: ["Transfer-Encoding: chunked"],
        body: "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n")
      let conversation = try Conversation(port: site.port)
      for byte in text.utf8 {
        try await conversation.send(String(UnicodeScalar(byte)))
      }
      let answer = try await conversation.read { $0.contains("]") }
      #expect(answer.hasSuffix("[abc0123456789]"))
      // The next request begins right behind it.
      try await conversation.send(Site.request("/next"))
      #expect(try await conversation.read { $0.contains("]") }.contains("GET next "))
    }
  }

  @Test("A client that asks whether to send its body is told so, once it is wanted")
  func expectations() async throws {
    try await Site.run { (site: Site) async throws in
      let headers = ["Content-Length: 3", "Expect: 100-continue"]
      let asking = try Conversation(port: site.port)
      try await asking.send(Site.request("/", method: "POST", headers: headers))
      let word = try await asking.read { $0.contains("\r\n\r\n") }
      #expect(word == "HTTP/1.1 100 Continue\r\n\r\n")
      try await asking.send("abc")
      #expect(try await asking.read { $0.contains("]") }.hasSuffix("[abc]"))
      let unwanted = try Answer(
        try await site.tell(Site.request("/unread", method: "POST", headers: headers)))
      #expect(unwanted.status == 200)
      #expect(unwanted.headers["connection"] == "close")
    }
  }

  @Test("A body that nobody reads is not taken for the next request")
  func unreadBodies() async throws {
    try await Site.run { (site: Site) async throws in
      let smuggled = Site.request("/smuggled")
      let whole = Site.request(
        "/unread", method: "POST", headers: ["Content-Length: \(smuggled.utf8.count)"],
        body: smuggled)
      let answer = try await site.tell(
        whole + Site.request("/next", headers: ["Connection: close"]))
      #expect(answer.contains("GET next ") && !answer.contains("smuggled"))
      let partial = Site.request(
        "/unread", method: "POST", headers: ["Content-Length: 100"], body: smuggled)
      #expect(try Answer(try await site.tell(partial)).headers["connection"] == "close")
    }
  }

  @Test("HTTP/1.0 is answered once, without chunks, and again where it says so")
  func old() async throws {
    let handler: HTTPServer.Handler = { _ in
      HTTPResponse(.ok, body: .stream(.init { try await $0.write("streamed") }))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let answer = try Answer(try await site.tell("GET / HTTP/1.0\r\n\r\n"))
      #expect(answer.body == "streamed")
      #expect(answer.headers["transfer-encoding"] == nil)
    }
    try await Site.run { (site: Site) async throws in
      let kept = try Conversation(port: site.port)
      for _ in 0..<2 {
        try await kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let answer = try Answer(try await kept.read { $0.hasSuffix("]") })
        #expect(answer.headers["connection"] == "keep-alive")
      }
    }
  }

  @Test("A field's value cannot begin another field")
  func injection() async throws {
    let handler: HTTPServer.Handler = { _ in
      HTTPResponse(.ok, fields: ["Location": "/a\r\nSet-Cookie: b"], body: .text("c"))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let answer = try await site.get("/")
      #expect(answer.headers["set-cookie"] == nil)
      #expect(answer.headers["location"] == "/a  Set-Cookie: b")
    }
  }

  @Test("A response has a date, and none of a body where its status has none")
  func ownFields() async throws {
    try await Site.run(handler: { _ in HTTPResponse(.noContent) }) { (site: Site) async throws in
      let answer = try await site.get("/")
      #expect(answer.status == 204)
      #expect(answer.headers["content-length"] == nil)
      let date = try #require(answer.headers["date"])
      #expect(
        date.wholeMatch(of: /[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/) != nil)
    }
  }
}
