import Foundation
import LowRank
import LowRankHTTP
import LowRankKeys

/// Finds the endpoint of a request, checks who asks, and turns what is thrown into answers.
struct ServingRouter: Sendable {
  let context: ServingContext
  /// Told of each request that was answered: a line without anything of its text.
  let log: @Sendable (String) -> Void

  /// Answers a request.
  ///
  /// Settings are those of the server, and have the flags by which its operator gives them.
  func respond(to request: HTTPRequest) async throws -> HTTPResponse {
    try await Setting.$spelling.withValue(.flags) { try await answered(request) }
  }

  private func answered(_ request: HTTPRequest) async throws -> HTTPResponse {
    let start = ContinuousClock.now
    let path = String(request.target.path)
    var key: APIKeys.Key?
    var response: HTTPResponse
    do {
      response = try await answer(request, path, &key)
    } catch let error as APIError {
      response = error.response
    } catch let error as ServingError {
      response = APIError(error).response
    } catch let error as JSONError {
      response = APIError(error).response
    } catch let failure as HTTPFailure {
      response = Self.refusal(failure)
    }
    let endpoint = Self.endpoints.contains(path) ? path : "other"
    context.requests.add(endpoint, status: response.status.code)
    let name = key.map { $0.name.isEmpty ? "" : " key=\($0.name)" } ?? ""
    let line = "\(request.method) \(endpoint) \(response.status.code)\(name) "
    // An answer that is streamed takes as long as its stream.
    response.onEnd { [log] in
      log(line + String(format: "%.3f s", (ContinuousClock.now - start) / .seconds(1)))
    }
    return response
  }

  /// The answer to a request that is malformed, too large or too slow.
  static func refusal(_ failure: HTTPFailure) -> HTTPResponse {
    APIError(failure.status, failure.reason).response
  }

  private static let endpoints: Set = Set(PageAsset.all.keys).union([
    "/health", "/metrics", "/v1/models", "/v1/completions",
    "/v1/chat/completions", "/v1/embeddings", "/v1/classify", "/classify", "/tokenize",
    "/detokenize", "/tokenizer_info", "/v1/load_lora_adapter", "/v1/unload_lora_adapter",
    "/lora-adapters",
  ])

  private func answer(
    _ request: HTTPRequest, _ path: String, _ key: inout APIKeys.Key?
  ) async throws -> HTTPResponse {
    try RequestOrigin.check(request, isLocal: context.isLocal)
    if let asset = PageAsset.all[path] {
      try require(request, "GET")
      return asset.response
    }
    if path == "/health" {
      try require(request, "GET")
      return APIResponse.json(["status": "ok"])
    }
    let found = try authorized(request)
    key = found
    switch path {
    case "/metrics":
      try require(request, "GET")
      guard found.isAdmin else { throw APIError(.forbidden, "This key may not read counts.") }
      return APIResponse.bytes(
        Array(context.metricsText.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    case "/v1/models":
      try require(request, "GET")
      return AdapterEndpoints(context: context).models(key: found)
    case "/lora-adapters":
      try require(request, "GET")
      return AdapterEndpoints(context: context).numbered(key: found)
    case "/tokenizer_info":
      try require(request, "GET")
      return TokenEndpoints(context: context).info()
    case "/v1/load_lora_adapter":
      try require(request, "POST")
      return try await AdapterEndpoints(context: context).load(request, key: found)
    case "/v1/unload_lora_adapter":
      try require(request, "POST")
      return try await AdapterEndpoints(context: context).unload(request, key: found)
    case "/tokenize":
      try require(request, "POST")
      return try await TokenEndpoints(context: context).tokenize(request, key: found)
    case "/detokenize":
      try require(request, "POST")
      return try await TokenEndpoints(context: context).detokenize(request, key: found)
    case "/v1/completions":
      try require(request, "POST")
      return try await CompletionEndpoint(context: context, engine: generating())
        .respond(request, key: found)
    case "/v1/chat/completions":
      try require(request, "POST")
      return try await ChatEndpoint(context: context, engine: generating())
        .respond(request, key: found)
    case "/v1/embeddings":
      try require(request, "POST")
      return try await EncoderEndpoints(context: context, encoder: reading())
        .embeddings(request, key: found)
    case "/v1/classify", "/classify":
      try require(request, "POST")
      return try await EncoderEndpoints(context: context, encoder: reading())
        .classify(request, key: found)
    default:
      let segments = try request.target.segments()
      if segments.count > 2, segments[0] == "v1", segments[1] == "models" {
        try require(request, "GET")
        return try AdapterEndpoints(context: context)
          .model(segments.dropFirst(2).joined(separator: "/"), key: found)
      }
      throw APIError(.notFound, "There is nothing at \(path).")
    }
  }

  private func require(_ request: HTTPRequest, _ method: String) throws(APIError) {
    guard request.method == method || method == "GET" && request.method == "HEAD" else {
      throw APIError(
        .methodNotAllowed,
        "\(request.method) was sent to \(request.target.path), which answers \(method) alone.",
        allowed: method == "GET" ? "GET, HEAD" : method)
    }
  }

  private func generating() throws(APIError) -> ServingEngine {
    guard let engine = context.engine else {
      throw APIError(.notFound, "The server has no model that continues texts.")
    }
    return engine
  }

  private func reading() throws(APIError) -> EncoderEngine {
    guard let encoder = context.encoder else {
      throw APIError(
        .notFound,
        "The server continues texts; start it with \(setting: "task") embeddings or classification."
      )
    }
    return encoder
  }

  /// Who asks.
  private func authorized(_ request: HTTPRequest) throws(APIError) -> APIKeys.Key {
    guard let keys = context.keys else { return APIKeys.anybody }
    let field = request.fields["Authorization"] ?? ""
    guard field.lowercased().hasPrefix("bearer ") else {
      throw APIError(.unauthorized, "A key is needed: Authorization: Bearer KEY.")
    }
    let presented = field.dropFirst("bearer ".count).drop { $0 == " " }
    guard let key = keys.key(of: String(presented)) else {
      throw APIError(.unauthorized, "The key is not known.")
    }
    return key
  }
}
