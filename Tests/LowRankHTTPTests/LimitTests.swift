import LowRankHTTP
import LowRankSocketTesting
import Testing

@Suite("A request may have only so many bytes") struct LimitTests {
  @Test("A header larger than the limit gets 431, one as large as the limit is read")
  func headerBytes() async throws {
    try await Site.run({ $0.limits.headerBytes = 1000 }) { (site: Site) async throws in
      let fixed = Site.request("/", headers: ["Connection: close", "X: "]).utf8.count - 4
      let right = String(repeating: "a", count: 1000 - fixed)
      #expect(try await site.get("/", headers: ["X: \(right)"]).status == 200)
      let large = try await site.get("/", headers: ["X: \(right)a"])
      #expect(large.status == 431)
      #expect(large.body == "The header is longer than 1000 bytes.\n")
      // It ends even where the header has no end.
      let endless = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 5000)
      #expect(try Answer(try await site.tell(endless)).status == 431)
    }
  }

  @Test("A header of more fields than the limit gets 431")
  func headerFields() async throws {
    try await Site.run({ $0.limits.headerFields = 10 }) { (site: Site) async throws in
      let fields = (1...8).map { "X-\($0): 1" }
      #expect(try await site.get("/", headers: fields).status == 200)
      #expect(try await site.get("/", headers: fields + ["Y: 1"]).status == 431)
    }
  }

  @Test("A target longer than the limit gets 414")
  func target() async throws {
    try await Site.run({ $0.limits.targetBytes = 100 }) { (site: Site) async throws in
      #expect(try await site.get("/" + String(repeating: "a", count: 99)).status == 200)
      #expect(try await site.get("/" + String(repeating: "a", count: 100)).status == 414)
      let endless = "GET /" + String(repeating: "a", count: 50_000)
      #expect(try Answer(try await site.tell(endless)).status == 414)
    }
  }

  @Test("A body larger than the limit gets 413 before it is read")
  func announcedBody() async throws {
    try await Site.run({ $0.limits.bodyBytes = 10 }) { (site: Site) async throws in
      let right = Site.request(
        "/", method: "POST", headers: ["Content-Length: 10", "Connection: close"],
        body: "0123456789")
      #expect(try await site.tell(right).hasSuffix("[0123456789]"))
      let large = Site.request("/", method: "POST", headers: ["Content-Length: 11"])
      let answer = try Answer(try await site.tell(large))
      #expect(answer.status == 413)
      #expect(answer.body == "The body is larger than 10 bytes.\n")
      #expect(answer.headers["connection"] == "close")
    }
  }

  @Test("A body in chunks larger than the limit gets 413")
  func chunkedBody() async throws {
    try await Site.run({ $0.limits.bodyBytes = 10 }) { (site: Site) async throws in
      func post(_ chunks: String) -> String {
        Site.request(
          "/", method: "POST", headers: ["Transfer-Encoding: chunked", "Connection: close"],
          body: chunks)
      }
      #expect(try await site.tell(post("a\r\n0123456789\r\n0\r\n\r\n")).hasSuffix("[0123456789]"))
      let large = post("6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n")
      #expect(try Answer(try await site.tell(large)).status == 413)
    }
  }

  @Test("A handler's own limit gets 413")
  func ownLimit() async throws {
    let handler: HTTPServer.Handler = { request in
      HTTPResponse(.ok, body: .bytes(Array(try await request.body.collect(upTo: 3))))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let post = Site.request("/", method: "POST", headers: ["Content-Length: 4"], body: "abcd")
      #expect(try Answer(try await site.tell(post)).status == 413)
    }
  }

  @Test("A client that goes on sending a body that is too large reads why it was refused")
  func refusalArrives() async throws {
    try await Site.run({ $0.limits.bodyBytes = 10 }) { (site: Site) async throws in
      let body = String(repeating: "a", count: 3 << 20)
      let answer = try await site.tell(
        Site.request("/", method: "POST", headers: ["Content-Length: \(3 << 20)"], body: body))
      #expect(try Answer(answer).status == 413)
    }
  }

  @Test("Refusals are told as the program tells them")
  func refusal() async throws {
    let json: @Sendable (HTTPFailure) -> HTTPResponse = { failure in
      HTTPResponse(failure.status, body: .text("{\"error\":\"\(failure.reason)\"}"))
    }
    try await Site.run({ $0.refusal = json }) { (site: Site) async throws in
      let answer = try Answer(try await site.tell("nonsense\r\n\r\n"))
      #expect(answer.status == 400)
      #expect(answer.body == "{\"error\":\"The first line is not a request.\"}")
    }
  }
}
