import Foundation
import LowRank
import LowRankHTTP

/// A refusal in the form that OpenAI's clients understand.
struct APIError: Error, Sendable {
  let status: HTTPStatus
  let message: String
  /// The field that is wrong.
  let parameter: String?
  /// OpenAI's name for what is wrong, where the status and the field do not say it.
  private let ownCode: String?
  /// After how many seconds it makes sense to ask again.
  let retryAfter: Int?
  /// The methods that the address answers, where the request has another one.
  let allowed: String?

  init(
    _ status: HTTPStatus, _ message: String, parameter: String? = nil, code: String? = nil,
    retryAfter: Int? = nil, allowed: String? = nil
  ) {
    (self.status, self.message) = (status, message)
    (self.parameter, ownCode) = (parameter, code)
    (self.retryAfter, self.allowed) = (retryAfter, allowed)
  }

  /// A request with a wrong field.
  static func invalid(_ parameter: String, _ message: String) -> APIError {
    APIError(.badRequest, message, parameter: parameter)
  }

  /// A field that JSON has of a wrong kind.
  init(_ error: JSONError) {
    let parts = error.problem.split(separator: "\"", omittingEmptySubsequences: false)
    let parameter = error.problem.hasPrefix("\"") && parts.count > 2 ? String(parts[1]) : nil
    self.init(.badRequest, error.problem, parameter: parameter)
  }

  /// What the engine or the adapters refuse.
  ///
  /// - Parameter limit: the field that says how long an answer may be.
  init(_ error: ServingError, limit: String = "max_tokens") {
    let text = error.description
    switch error {
    case .unknownAdapter: self.init(.notFound, text, parameter: "model")
    case .brokenAdapter, .notFinite: self.init(.internalServerError, text)
    case .noRoomForAdapter: self.init(.serviceUnavailable, text, retryAfter: 1)
    case .adapterTooLarge: self.init(.serviceUnavailable, text)
    case .mixtureTooLarge, .cannotMix: self.init(.badRequest, text, parameter: "lora")
    case .queueFull: self.init(.serviceUnavailable, text, retryAfter: 1)
    case .tooManyRequests: self.init(.tooManyRequests, text, retryAfter: 1)
    case .tooManyAnswers: self.init(.badRequest, text)
    case .rateExceeded(let seconds): self.init(.tooManyRequests, text, retryAfter: seconds)
    case .tooLong: self.init(.badRequest, text, parameter: limit, code: Self.tooLong)
    case .promptTooLong(let field, _, _):
      self.init(.badRequest, text, parameter: field, code: Self.tooLong)
    case .stopping: self.init(.serviceUnavailable, text, retryAfter: 5)
    }
  }

  /// OpenAI's name for the kind of error.
  private var type: String {
    switch status.code {
    case 401: "authentication_error"
    case 403: "permission_error"
    case 404: "not_found_error"
    case 429: "rate_limit_error"
    case 500...: "server_error"
    default: "invalid_request_error"
    }
  }

  /// OpenAI's code for what does not fit into the model's context.
  private static let tooLong = "context_length_exceeded"

  private var code: JSONValue {
    if let ownCode { return .string(ownCode) }
    return switch status.code {
    case 401: "invalid_api_key"
    case 404 where parameter == "model": "model_not_found"
    case 429: "rate_limit_exceeded"
    default: .null
    }
  }

  /// The body.
  var json: JSONValue {
    [
      "error": [
        "message": .string(message), "type": .string(type),
        "param": parameter.map { .string($0) } ?? .null, "code": code,
      ]
    ]
  }

  /// The answer.
  var response: HTTPResponse {
    var response = APIResponse.json(json, status: status)
    if let retryAfter { response.fields["Retry-After"] = String(retryAfter) }
    if let allowed { response.fields["Allow"] = allowed }
    if status == .unauthorized { response.fields["WWW-Authenticate"] = "Bearer" }
    return response
  }
}

/// Answers with the headers that all of them have.
enum APIResponse {
  static func json(_ value: JSONValue, status: HTTPStatus = .ok) -> HTTPResponse {
    bytes(value.bytes(), type: "application/json", status: status)
  }

  static func bytes(_ bytes: [UInt8], type: String, status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(
      status,
      fields: [
        "Content-Type": type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
      ], body: .bytes(bytes))
  }
}
