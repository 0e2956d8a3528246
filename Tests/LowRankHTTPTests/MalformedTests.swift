import LowRankHTTP
import LowRankSocketTesting
import Testing

@Suite("What is no request, or could be read in two ways, is refused") struct MalformedTests {
  @Test(
    "A malformed header gets 400, and the connection ends",
    arguments: [
      "nonsense\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "GET / HTTP/1.x\r\nHost: a\r\n\r\n",
      "GET / http/1.1\r\nHost: a\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\n",
      // What TLS begins with, and other words without an end, are not waited for.
      "\u{16}\u{3}\u{1}\u{2}", String(repeating: "a", count: 40), "GET\r\n",
    ])
  func headers(text: String) async throws {
    let answer = try await Site.run { try Answer(try await $0.tell(text)) }
    #expect(answer.status == 400)
    #expect(answer.headers["connection"] == "close")
  }

  @Test(
    "A body whose end could be in two places gets 400",
    arguments: [
      "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 4",
      "Content-Length: 3, 3", "Content-Length: +3", "Content-Length: -3", "Content-Length: 0x3",
      "Content-Length: 3 ", "Content-Length:", "Content-Length: 99999999999999999999",
      "Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding:\r\nContent-Length: 3",
    ])
  func lengths(fields: String) async throws {
    let text = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n\r\nabc"
    let answer = try await Site.run { try Answer(try await $0.tell(text)) }
    // Space around a value is none of it.
    #expect(answer.status == (fields.hasSuffix("3 ") ? 200 : 400))
  }

  @Test(
    "Malformed chunks get 400",
    arguments: [
      "zz\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n",
      "0x3\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n",
      "3\r\nabcd\r\n0\r\n\r\n", "ffffffffffffffffff\r\nabc",
      "3;" + String(repeating: "a", count: 9000),
      "0\r\n" + String(repeating: "X: 1\r\n", count: 2000),
    ])
  func chunks(body: String) async throws {
    let text = Site.request(
      "/", method: "POST", headers: ["Transfer-Encoding: chunked"], body: body)
    let answer = try await Site.run { try Answer(try await $0.tell(text)) }
    #expect(answer.status == 400)
  }

  @Test("What this server does not do is said by its status")
  func others() async throws {
    try await Site.run { (site: Site) async throws in
      func status(_ text: String) async throws -> Int {
        try Answer(try await site.tell(text)).status
      }
      #expect(try await status("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505)
      #expect(try await status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505)
      let gzip = Site.request("/", method: "POST", headers: ["Transfer-Encoding: gzip, chunked"])
      #expect(try await status(gzip) == 501)
      #expect(try await status(Site.request("/", headers: ["Expect: miracles"])) == 417)
      let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      #expect(try await status(old) == 400)
    }
  }

  @Test("An error that is not meant for the client gets 500 without a word of it")
  func handlerErrors() async throws {
    struct Secret: Error { let text = "secret" }
    try await Site.run(handler: { _ in throw Secret() }) { (site: Site) async throws in
      let answer = try await site.get("/")
      #expect(answer.status == 500)
      #expect(!answer.body.contains("secret") && !answer.body.contains("Secret"))
    }
  }
}
