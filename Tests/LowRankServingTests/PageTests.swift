import LowRankSocketTesting
import Testing

@Suite struct `The page of the server` {
  @Test func `has all the files that it names`() async throws {
    let server = try await RunningServer()
    let page = try await server.ask("GET", "/")
    #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
    var (left, seen) = ([page.body], Set<String>())
    while let text = left.popLast() {
      for match in text.matches(of: /"\.?(\/[a-z]+\.(?:js|css))"/) {
        let path = String(match.1)
        guard seen.insert(path).inserted else { continue }
        let asset = try await server.ask("GET", path)
        #expect(asset.status == 200, "\(path)")
        let type = path.hasSuffix("css") ? "text/css" : "text/javascript"
        #expect(asset.headers["content-type"]?.hasPrefix(type) == true)
        left.append(asset.body)
      }
    }
    #expect(seen == ["/page.js", "/page.css", "/server.js", "/generate.js", "/encode.js"])
  }
}
