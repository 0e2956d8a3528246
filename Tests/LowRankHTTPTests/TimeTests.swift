import LowRankHTTP
import LowRankSocketTesting
import Synchronization
import Testing

@Suite("A client may take only so long") struct TimeTests {
  @Test("A header that does not end gets 408, also where its bytes trickle in")
  func header() async throws {
    try await Site.run({ $0.times.header = .milliseconds(300) }) { (site: Site) async throws in
      let silent = try Conversation(port: site.port)
      try await silent.send("GET / HTTP/1.1\r\nHost: a\r\n")
      let answer = try Answer(try await silent.read { _ in false })
      #expect(answer.status == 408)
      #expect(answer.body == "The header did not arrive in time.\n")
      let trickling = try Conversation(port: site.port)
      let sent = Mutex(0)
      let sending = Task {
        for byte in "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 1000) {
          try await trickling.send(String(byte))
          sent.withLock { $0 += 1 }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      let late = try Answer(try await trickling.read { _ in false })
      sending.cancel()
      #expect(late.status == 408)
      #expect(sent.withLock { $0 } < 1000)
    }
  }

  @Test("A connection that waits too long for its next request, or its first, ends without a word")
  func idle() async throws {
    try await Site.run({ $0.times.idle = .seconds(4) }) { (site: Site) async throws in
      let silent = try Conversation(port: site.port)
      #expect(try await silent.read { _ in false } == "")
      let kept = try Conversation(port: site.port)
      for _ in 0..<2 {
        try await kept.send(Site.request("/a"))
        _ = try await kept.read { $0.hasSuffix("[]") }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(try await kept.read { _ in false } == "")
    }
  }

  @Test("A body that stops gets 408, one that goes on slowly is read")
  func body() async throws {
    try await Site.run({ $0.times.body = .seconds(4) }) { (site: Site) async throws in
      let stopping = try Conversation(port: site.port)
      try await stopping.send(
        Site.request("/", method: "POST", headers: ["Content-Length: 5"], body: "ab"))
      let answer = try Answer(try await stopping.read { _ in false })
      #expect(answer.status == 408)
      #expect(answer.body == "The body did not arrive in time.\n")
      // A busy machine can make this client slower than it means to be: such a try says nothing.
      for _ in 0..<5 {
        let slow = try Conversation(port: site.port)
        try await slow.send(Site.request("/", method: "POST", headers: ["Content-Length: 5"]))
        var last = ContinuousClock.now
        var longestPause = Duration.zero
        for byte in "abcde" {
          try await Task.sleep(for: .seconds(1))
          try? await slow.send(String(byte))
          longestPause = max(longestPause, ContinuousClock.now - last)
          last = .now
        }
        let read = try? await slow.read { $0.hasSuffix("]") }
        if longestPause > .seconds(2) { continue }
        #expect(read?.hasSuffix("[abcde]") == true)
        return
      }
    }
  }

  @Test("A client that takes nothing is dropped")
  func write() async throws {
    let ended = Mutex(false)
    let handler: HTTPServer.Handler = { _ in
      let stream = HTTPResponse.Stream { writer in
        defer { ended.withLock { $0 = true } }
        while true { try await writer.write([UInt8](repeating: 0x61, count: 1 << 16)) }
      }
      return HTTPResponse(.ok, body: .stream(stream))
    }
    try await Site.run({ $0.times.write = .milliseconds(300) }, handler: handler) {
      (site: Site) async throws in
      let slow = try Conversation(port: site.port, receiveBuffer: 4096)
      try await slow.send(Site.request("/"))
      for _ in 0..<500 where !ended.withLock({ $0 }) {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(ended.withLock { $0 })
      withExtendedLifetime(slow) {}
    }
  }
}
