/// The first line of a request.
struct RequestLine {
  static let methodLimit = 32

  let method: String
  /// The path and query, or `*`.
  let target: String
  /// The host of an absolute target, the form that proxies receive.
  let authority: String?
  let isOld: Bool

  /// - Throws: ``HTTPFailure``.
  init(_ line: ArraySlice<UInt8>, _ limits: HTTPServer.Limits) throws {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, (1...Self.methodLimit).contains(parts[0].count),
      parts[0].allSatisfy(\.isToken),
      !parts[1].isEmpty, parts[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw RequestHead.malformed("The first line is not a request.") }
    isOld = try Self.isOld(parts[2])
    guard parts[1].count <= limits.targetBytes else {
      throw HTTPFailure(
        .targetTooLong, "The address is longer than \(limits.targetBytes) bytes.")
    }
    method = String(decoding: parts[0], as: UTF8.self)
    let text = String(decoding: parts[1], as: UTF8.self)
    if text.hasPrefix("/") || (text == "*" && method == "OPTIONS") {
      (target, authority) = (text, nil)
    } else if let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix) {
      let rest = text.dropFirst(scheme.count)
      let path = rest.drop { $0 != "/" && $0 != "?" }
      authority = String(rest.prefix(rest.count - path.count))
      target = path.hasPrefix("/") ? String(path) : "/" + path
    } else {
      throw RequestHead.malformed("The address is not a path.")
    }
  }

  private static func isOld(_ version: ArraySlice<UInt8>) throws -> Bool {
    let text = String(decoding: version, as: UTF8.self)
    guard text.utf8.count == 8, text.hasPrefix("HTTP/"), version.last?.isDigit == true,
      version[version.startIndex + 5].isDigit, version[version.startIndex + 6] == 0x2E
    else { throw RequestHead.malformed("The first line is not a request.") }
    guard text.hasPrefix("HTTP/1.") else {
      throw HTTPFailure(.versionNotSupported, "This server speaks HTTP/1.1.")
    }
    return text == "HTTP/1.0"
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  /// Whether the byte may occur in a method or a field name.
  var isToken: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: isDigit || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}
