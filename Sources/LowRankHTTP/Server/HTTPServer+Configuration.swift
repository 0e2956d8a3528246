extension HTTPServer {
  /// The address and limits of a server.
  package struct Configuration: Sendable {
    /// The address or name to listen on.
    package var host: String
    /// The port to listen on, or 0 for any free port.
    package var port: Int
    package var limits = Limits()
    package var times = Times()
    /// The response to a request that is malformed, too large or too slow, or that the handler failed to answer.
    package var refusal: @Sendable (HTTPFailure) -> HTTPResponse = { $0.response }

    package init(host: String = "127.0.0.1", port: Int = 0) {
      (self.host, self.port) = (host, port)
    }
  }

  /// The limits on what a client may send.
  package struct Limits: Sendable {
    /// The size of a request's target in bytes; a longer one gets 414.
    package var targetBytes = 8192
    /// The size of a request's header in bytes, including its first line; a longer one gets 431.
    package var headerBytes = 32_768
    /// The number of fields in a header; more get 431.
    package var headerFields = 100
    /// The size of a request's body in bytes; a longer one gets 413.
    package var bodyBytes = 1 << 20
    /// The number of open connections; beyond it, an idle connection is closed.
    package var connections = 1024

    package init() {}
  }

  /// The time limits for a client.
  package struct Times: Sendable {
    /// The time from a request's first byte to the end of its header; a slower one gets 408.
    package var header = Duration.seconds(10)
    /// The time between two requests of a connection, and before the first.
    package var idle = Duration.seconds(60)
    /// The time between two arrivals of a body's bytes; a slower one gets 408.
    package var body = Duration.seconds(30)
    /// The time in which a client must read 64 KiB, or a smaller write.
    package var write = Duration.seconds(30)
    /// The time for responses in progress when the server stops.
    package var shutdown = Duration.seconds(5)

    package init() {}

    var shortest: Duration { min(header, idle, body, write) }
  }
}
