/// Something that the hub does wrong, to see what a client makes of it.
///
/// Over HTTP it is the same fields as JSON: `{"kind": "cut", "path": "model.safetensors", "amount": 1000, "times": 1}`.
package struct Fault: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable {
    /// Ends the connection after `amount` bytes of the body.
    case cut
    /// Sends `amount` bytes at a time, `seconds` apart.
    case drip
    /// Sends `amount` bytes, then nothing for `seconds`.
    case stall
    /// Turns over one bit of the file's byte number `amount`.
    case flip
    /// Sends the file as if it were `amount` bytes long: cut short, or padded with zeros.
    case length
    /// Sends `amount` bytes more than `Content-Length` says.
    case longer
    /// Answers a range with the whole file.
    case ignoreRange
    /// Answers a range with one that begins `amount` bytes earlier, and says so.
    case wrongOffset
    /// Redirects to itself for ever.
    case redirectLoop
    /// Redirects to `location`.
    case redirect
    /// Answers with `status`, with `Retry-After` of `seconds` where that is given.
    case status
    /// Answers that the repository is gated.
    case gated
    /// Answers with something that is not JSON.
    case notJSON
    /// Answers with a page that asks to log in, as networks before a login do.
    case html
    /// Lists a file named `location`, such as `../x`.
    case lists
    /// Commits something else just before the request is answered.
    case moved
  }

  package var kind: Kind
  /// Which requests are meant: a part of the path, without its percent signs.
  package var path: String
  package var method: String?
  /// How often it happens; always where that is nil.
  package var times: Int?
  package var amount: Int?
  package var seconds: Double?
  package var status: Int?
  package var location: String?

  package init(
    _ kind: Kind, _ path: String, method: String? = nil, times: Int? = nil, amount: Int? = nil,
    seconds: Double? = nil, status: Int? = nil, location: String? = nil
  ) {
    (self.kind, self.path, self.method, self.times) = (kind, path, method, times)
    (self.amount, self.seconds, self.status, self.location) = (amount, seconds, status, location)
  }

  /// Whether it is about the bytes of files, and so waits for one to be sent.
  var isOfBytes: Bool {
    switch kind {
    case .cut, .drip, .stall, .flip, .length, .longer, .ignoreRange, .wrongOffset: true
    default: false
    }
  }
}
