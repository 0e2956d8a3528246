/// A response in the form in which it is sent.
struct OutgoingResponse {
  /// How the client finds the end of a body.
  enum Framing {
    case none
    case length
    case chunks
    /// The body ends with the connection, as in HTTP/1.0.
    case end
  }

  let response: HTTPResponse
  let framing: Framing
  /// Whether the connection ends after it.
  var isLast: Bool
  private let isOld: Bool
  private let bodyCount: Int?

  /// Creates the response to a request.
  init(_ response: HTTPResponse, to head: RequestHead) {
    self.init(response, isHead: head.method == "HEAD", isOld: head.isOld, isLast: !head.wantsMore)
  }

  /// Creates the response to a malformed or refused request.
  init(_ response: HTTPResponse, isHead: Bool) {
    self.init(response, isHead: isHead, isOld: false, isLast: true)
  }

  private init(_ response: HTTPResponse, isHead: Bool, isOld: Bool, isLast: Bool) {
    self.response = response
    self.isOld = isOld
    let isBare = isHead || response.status.hasNoBody
    switch response.body {
    case .bytes(let bytes):
      framing = isBare ? .none : .length
      bodyCount = response.status.hasNoBody ? nil : bytes.count
    case .stream:
      bodyCount = nil
      framing =
        isBare
        ? .none : response.fields["Content-Length"] != nil ? .length : isOld ? .end : .chunks
    }
    self.isLast =
      isLast || response.fields.words(of: "Connection").contains("close")
    if case .end = framing { self.isLast = true }
  }

  /// The status line and the fields, including those that the server adds.
  var head: [UInt8] {
    var fields = response.fields
    if fields["Date"] == nil { fields.append("Date", HTTPDate.now) }
    if let bodyCount, fields["Content-Length"] == nil {
      fields.append("Content-Length", String(bodyCount))
    }
    if case .chunks = framing { fields["Transfer-Encoding"] = "chunked" }
    if isLast {
      fields["Connection"] = "close"
    } else if isOld {
      fields["Connection"] = "keep-alive"
    }
    let status = response.status
    var head = Array("HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8)
    for (name, value) in fields.list {
      head += name.utf8.lazy.filter(\.isToken)
      head += ": ".utf8
      // A line end in a value would inject another field.
      head += value.utf8.lazy.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
      head += "\r\n".utf8
    }
    return head + "\r\n".utf8
  }
}
