import Foundation
import Synchronization

/// A proxy on loopback that passes on requests for whole addresses, and connections (`CONNECT`).
///
/// Every name leads to 127.0.0.1 for it, so a hub can be called what only the proxy understands.
package final class ForwardProxy: Sendable {
  /// What it was asked for.
  package struct Asked: Sendable {
    package let method: String
    package let target: String
    /// The fields by their names in small letters.
    package let headers: [String: String]
    /// Whether it was passed on.
    package let isPassed: Bool
  }

  private let log: Log
  private let listener: LoopbackListener

  /// A proxy that serves all, or those who know a user and a password, or nobody.
  ///
  /// - Parameters:
  ///   - credentials: `user:password`.
  ///   - refusal: the status with which everything is refused; 0 hangs up instead.
  package init(credentials: String? = nil, refusal: Int? = nil) throws {
    let rules = Rules(credentials: credentials, refusal: refusal)
    let log = Log()
    self.log = log
    listener = try LoopbackListener { client in
      guard let request = Request(from: client) else { return }
      let status = rules.status(for: request)
      log.add(
        Asked(
          method: request.method, target: request.target, headers: request.headers,
          isPassed: status == nil))
      guard let status else { return request.pass(client) }
      let field = status == 407 ? "Proxy-Authenticate: Basic realm=\"test\"\r\n" : ""
      if status != 0 {
        client.write("HTTP/1.1 \(status) No\r\n\(field)Content-Length: 0\r\n\r\n".utf8)
      }
    }
  }

  package var port: Int { listener.port }
  package var url: String { "http://127.0.0.1:\(port)" }

  /// All that it was asked for, in order.
  package var asked: [Asked] { log.asked }

  package func stop() { listener.stop() }
}

private final class Log: Sendable {
  private let kept = Mutex<[ForwardProxy.Asked]>([])

  var asked: [ForwardProxy.Asked] { kept.withLock { $0 } }

  func add(_ asked: ForwardProxy.Asked) { kept.withLock { $0.append(asked) } }
}

private struct Rules: Sendable {
  let credentials: String?
  let refusal: Int?

  /// The status of the refusal; nil where there is none.
  func status(for request: Request) -> Int? {
    if let refusal { return refusal }
    guard let credentials else { return nil }
    let wanted = "Basic \(Data(credentials.utf8).base64EncodedString())"
    return request.headers["proxy-authorization"] == wanted ? nil : 407
  }
}

/// A request, as far as a proxy reads it.
private struct Request {
  let method: String
  let target: String
  let headers: [String: String]
  private let lines: [String]
  private let rest: [UInt8]

  init?(from client: LoopbackSocket) {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while bytes.firstRange(of: end) == nil {
      let more = client.read()
      guard !more.isEmpty else { return nil }
      bytes += more
    }
    guard let blank = bytes.firstRange(of: end) else { return nil }
    rest = Array(bytes[blank.upperBound...])
    lines = String(decoding: bytes[..<blank.lowerBound], as: UTF8.self).components(
      separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    (method, target) = (String(words[0]), String(words[1]))
    headers = Dictionary(
      lines.dropFirst().map { line in
        let pair = line.split(separator: ":", maxSplits: 1)
        return (pair[0].lowercased(), pair.last?.trimmingCharacters(in: .whitespaces) ?? "")
      }, uniquingKeysWith: { $1 })
  }

  /// Passes it on, and what comes back; one request of a connection.
  func pass(_ client: LoopbackSocket) {
    let address = method == "CONNECT" ? "//\(target)" : target
    guard let url = URL(string: address), let port = url.port,
      let server = try? LoopbackSocket(connectingTo: port)
    else {
      client.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".utf8)
      return
    }
    if method == "CONNECT" {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
      server.write(rest)
    } else {
      let path = target.dropFirst("http://".count).drop { $0 != "/" }
      let kept = lines.dropFirst().filter { !$0.lowercased().hasPrefix("proxy-") }
      let head = ["\(method) \(path) HTTP/1.1"] + kept + ["Connection: close", "", ""]
      server.write(head.joined(separator: "\r\n").utf8)
      server.write(rest)
    }
    client.join(server)
  }
}
