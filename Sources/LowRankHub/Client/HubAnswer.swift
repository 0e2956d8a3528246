import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// An answer, after redirects.
struct HubAnswer {
  let status: UInt
  let headers: HTTPHeaders
  /// The headers by which the hub itself described the file, before it sent elsewhere for it.
  let described: HTTPHeaders
  /// Where it came from in the end.
  let url: URL
  let body: HTTPClientResponse.Body

  /// The seconds after which the next try is welcome.
  var delay: Int? { headers.first(name: "Retry-After").flatMap { Int($0) }.map { max($0, 0) } }

  var isPage: Bool {
    headers.first(name: "Content-Type")?.lowercased().hasPrefix("text/html") == true
  }

  var host: String { url.hostText }

  /// Throws what a status that is none of success means.
  func check(_ name: HubName, _ settings: HubSettings) throws(HubError) {
    guard !(200..<300).contains(status) else { return }
    let code = described.first(name: "X-Error-Code") ?? ""
    let (endpoint, hasToken) = (settings.endpoint, settings.token != nil)
    switch (status, code) {
    case (_, "GatedRepo"): throw .gated(name, endpoint, hasToken: hasToken)
    case (_, "RevisionNotFound"): throw .noRevision(name, endpoint)
    case (_, "RepoNotFound"): throw .absent(name, endpoint, hasToken: hasToken)
    case (401, _) where hasToken: throw .refusedToken(endpoint)
    case (401, _), (404, ""): throw .absent(name, endpoint, hasToken: hasToken)
    case (404, "EntryNotFound"):
      throw .lacks(name, "has lost a file that it lists: try again")
    case (403, _):
      let reason = described.first(name: "X-Error-Message").map { ": \($0)" } ?? ""
      throw HubError(
        .absent,
        "\(endpoint) does not let you read \(name.id)\(reason); see that HF_TOKEN may read it")
    case (429, _): throw .limited(host, delay: delay)
    case (408, _), (500..., _): throw .failing(host, status: status, delay: delay)
    default: throw .foreign(url.hostText, "status \(status)")
    }
  }

  /// The whole body, of an answer that is not large.
  func collected() async throws -> [UInt8] {
    var bytes = try await body.collect(upTo: 64 << 20)
    return bytes.readBytes(length: bytes.readableBytes) ?? []
  }
}

extension URL {
  /// Host and port, for a sentence: what follows may hold a signature.
  var hostText: String { (host ?? "the hub") + (port.map { ":\($0)" } ?? "") }

  /// Whether two addresses are of one server, which alone may see what the other was told.
  func isSameServer(as other: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80) }
    return scheme?.lowercased() == other.scheme?.lowercased()
      && host?.lowercased() == other.host?.lowercased() && port(self) == port(other)
  }
}
