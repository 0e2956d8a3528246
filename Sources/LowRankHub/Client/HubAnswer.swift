import Foundation

/// An answer, after redirects.
struct HubAnswer {
  let response: HTTPResponse
  /// The headers by which the hub itself described the file, before it sent elsewhere for it.
  let described: HTTPHeaders
  /// Where it came from in the end.
  let url: URL

  private static let longest = 64 << 20

  var status: Int { response.status }
  var headers: HTTPHeaders { response.headers }
  var body: ResponseBody { response.body }
  var host: String { url.hostText }

  var isPage: Bool { headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true }

  /// Throws what a status that is none of success means.
  func check(_ name: HubName, _ settings: HubSettings) throws(HubError) {
    guard !(200..<300).contains(status) else { return }
    let code = described["X-Error-Code"] ?? ""
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
      let reason = described["X-Error-Message"].map { ": \($0)" } ?? ""
      throw HubError(
        .absent,
        "\(endpoint) does not let you read \(name.id)\(reason); see that HF_TOKEN may read it")
    case (429, _): throw .limited(host, delay: headers.delay)
    case (408, _), (500..., _): throw .failing(host, status: status, delay: headers.delay)
    default: throw .foreign(host, "status \(status)")
    }
  }

  /// The whole body, of an answer that is not large.
  ///
  /// - Throws: `HubError`, `CancellationError`.
  func collected() async throws -> [UInt8] {
    guard let bytes = try await body.collected(upTo: Self.longest) else {
      throw HubError.foreign(host, "more than \(HubError.text(Self.longest))")
    }
    return bytes
  }
}

extension HTTPHeaders {
  /// The seconds to wait before the next attempt.
  var delay: Int? { self["Retry-After"].flatMap { Int($0) }.map { max($0, 0) } }
}
