/// A parsed request header.
struct RequestHead {
  /// How the end of a body is found.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  let method: String
  let target: RequestTarget
  let host: String
  let fields: HTTPFields
  let framing: Framing
  /// Whether the request is HTTP/1.0, which has no chunks and keeps a connection only if it says so.
  let isOld: Bool
  let wantsMore: Bool
  /// Whether the client waits for `100 Continue` before it sends the body.
  let expectsContinue: Bool

  /// Parses a header, given without the empty line that ends it.
  ///
  /// Ambiguous requests are refused, since a proxy in front of this server may have read them differently.
  ///
  /// - Throws: ``HTTPFailure``.
  init(_ bytes: ArraySlice<UInt8>, _ limits: HTTPServer.Limits) throws {
    var lines = try Self.lines(bytes).makeIterator()
    guard let first = lines.next() else { throw Self.malformed("The request is empty.") }
    let line = try RequestLine(first, limits)
    fields = try HTTPFields(parsing: IteratorSequence(lines), limits)
    (method, isOld) = (line.method, line.isOld)
    let hosts = fields.values(of: "Host")
    guard hosts.count == 1 || (isOld && hosts.isEmpty) else {
      throw Self.malformed("A request names one host.")
    }
    target = RequestTarget(line.target)
    host = line.authority ?? hosts.first ?? ""
    framing = try Self.framing(fields, isOld: isOld)
    let words = fields.words(of: "Connection")
    wantsMore = !words.contains("close") && (!isOld || words.contains("keep-alive"))
    let expectation = fields["Expect"]?.lowercased()
    guard expectation == nil || expectation == "100-continue" else {
      throw HTTPFailure(.expectationFailed, "Only 100-continue can be expected.")
    }
    expectsContinue = expectation != nil && !isOld
  }

  static func malformed(_ reason: String) -> HTTPFailure { HTTPFailure(.badRequest, reason) }

  private static func framing(_ fields: HTTPFields, isOld: Bool) throws -> Framing {
    let lengths = fields.values(of: "Content-Length")
    let codings = fields.words(of: "Transfer-Encoding")
    if !codings.isEmpty || fields["Transfer-Encoding"] != nil {
      guard lengths.isEmpty, !isOld else {
        throw malformed("The length of the body is given in two ways.")
      }
      guard codings == ["chunked"] else {
        throw HTTPFailure(.notImplemented, "The only supported transfer coding is chunked.")
      }
      return .chunked
    }
    guard let length = lengths.first else { return .length(0) }
    guard lengths.count == 1, (1...18).contains(length.utf8.count),
      length.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let count = Int(length)
    else { throw malformed("Content-Length is one whole number.") }
    return .length(count)
  }

  /// The lines of a header, which end with a carriage return and a line feed.
  private static func lines(_ bytes: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return try lines.enumerated().map { index, line in
      let isLast = index == lines.count - 1
      guard isLast || line.last == 0x0D else { throw malformed("A line ends in CR and LF.") }
      return isLast ? line : line.dropLast()
    }
  }
}
