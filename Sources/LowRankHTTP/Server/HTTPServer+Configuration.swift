extension HTTPServer {
  /// Where a server listens, and what it puts up with.
  package struct Configuration: Sendable {
    /// The address or name to listen on.
    package var host: String
    /// The port to listen on, or 0 for any that is free.
    package var port: Int
    package var limits = Limits()
    package var times = Times()
    /// What a client is told when its request is not one, is too large or too slow, or when answering it failed.
    package var refusal: @Sendable (HTTPFailure) -> HTTPResponse = { $0.response }

    package init(host: String = "127.0.0.1", port: Int = 0) {
      (self.host, self.port) = (host, port)
    }
  }

  /// The most that a client may send.
  package struct Limits: Sendable {
    /// The bytes of a request's target; a longer one gets 414.
    package var targetBytes = 8192
    /// The bytes of a request's header with its first line; a longer one gets 431.
    package var headerBytes = 32_768
    /// The fields of a header; more get 431.
    package var headerFields = 100
    /// The bytes of a request's body; a longer one gets 413.
    package var bodyBytes = 1 << 20
    /// The connections that are open at once; when there are as many, one that waits for its next request makes room.
    package var connections = 1024

    package init() {}
  }

  /// The longest that a client may take.
  package struct Times: Sendable {
    /// From a request's first byte to the end of its header; a slower one gets 408.
    package var header = Duration.seconds(10)
    /// Between two requests of a connection, and before the first.
    package var idle = Duration.seconds(60)
    /// Between two arrivals of a body's bytes; a slower one gets 408.
    package var body = Duration.seconds(30)
    /// Until a client has taken 64 KiB, or what is written at once if that is less.
    package var write = Duration.seconds(30)
    /// For answers under way when the server ends.
    package var shutdown = Duration.seconds(5)

    package init() {}

    var shortest: Duration { min(header, idle, body, write) }
  }
}
