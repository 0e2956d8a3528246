import Foundation
import LowRank
import LowRankHTTP
import LowRankKeys

/// `POST /v1/embeddings` and `POST /v1/classify`.
struct EncoderEndpoints: Sendable {
  let context: ServingContext
  let encoder: EncoderEngine

  func embeddings(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    guard case .embeddings = encoder.task else {
      throw APIError(
        .notFound, "The server classifies; start it with \(setting: "task") embeddings.")
    }
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.embeddings)
    let format = try fields.string("encoding_format", default: "float")
    guard format == "float" || format == "base64" else {
      throw APIError.invalid("encoding_format", "\"encoding_format\" must be float or base64.")
    }
    let model = try await context.model(fields, for: key)
    let inputs = try read(fields, model)
    let width = context.bases.model.architecture.width
    let dimensions = try fields.integer("dimensions", in: 1...width) ?? width
    let vectors = try await results(of: inputs, model, key, request)
    let data = vectors.enumerated().map { index, vector -> JSONValue in
      let vector = Self.shortened(vector, to: dimensions)
      return [
        "object": "embedding", "index": .integer(index),
        "embedding": format == "base64"
          ? .string(Self.base64(vector)) : .array(vector.map { .double(Double($0)) }),
      ]
    }
    return APIResponse.json([
      "object": "list", "model": .string(model.id), "data": .array(data),
      "usage": Usage.json(prompt: inputs.reduce(0) { $0 + $1.ids.count }),
    ])
  }

  func classify(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    guard case .classification = encoder.task else {
      throw APIError(
        .notFound, "The server makes vectors; start it with \(setting: "task") classification.")
    }
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.classification)
    let model = try await context.model(fields, for: key)
    let version = model.mix.parts.first?.version
    guard version != nil || context.bases.model.freshModules.isEmpty else {
      throw APIError(
        .badRequest, "The base has no trained head; name an adapter as \"model\".",
        parameter: "model")
    }
    let classes = try version?.labels ?? Classification(context.bases.model.config)
    let inputs = try read(fields, model)
    let rows = try await results(of: inputs, model, key, request)
    let data = rows.enumerated().map { index, logits -> JSONValue in
      let values = Self.values(logits, classes.problem)
      let best = values.indices.max { values[$0] < values[$1] } ?? 0
      return [
        "index": .integer(index),
        "label": classes.problem == .regression ? .null : .string(classes.labels[best]),
        "probs": .array(values.map { .double($0) }),
        "labels": .array(classes.labels.map { .string($0) }),
        "num_classes": .integer(values.count),
      ]
    }
    return APIResponse.json([
      "id": .string("classify-\(UUID().uuidString.lowercased())"), "object": "list",
      "created": .integer(Int(Date().timeIntervalSince1970)), "model": .string(model.id),
      "data": .array(data),
      "usage": Usage.json(prompt: inputs.reduce(0) { $0 + $1.ids.count }),
    ])
  }

  private func read(
    _ fields: RequestFields, _ model: ServedModel
  ) throws -> [EncoderEngine.Input] {
    let special = try fields.bool("add_special_tokens", default: true)
    return try PromptField.read("input", of: fields).map { prompt in
      let input: EncoderEngine.Input
      switch prompt {
      case .text(let text):
        guard special else {
          throw APIError.invalid(
            "add_special_tokens",
            "\"add_special_tokens\" is false, expected true: texts are read with the tokens that the tokenizer adds; to leave them out, give tokens as \"input\"."
          )
        }
        let encoding = model.texts.tokenizer.encode(text)
        input = .init(ids: encoding.ids, kinds: encoding.typeIDs)
      case .tokens(let ids):
        input = .init(ids: ids, kinds: [Int32](repeating: 0, count: ids.count))
      }
      guard !input.ids.isEmpty else { throw APIError.invalid("input", "\"input\" has no token.") }
      guard input.ids.count <= encoder.longest else {
        throw APIError.invalid(
          "input",
          "\"input\" has \(input.ids.count) tokens, and the model reads \(encoder.longest).")
      }
      if let stray = input.ids.first(where: { Int($0) >= model.vocabulary }) {
        throw APIError.invalid("input", "\"input\" has the token \(stray), which is unknown.")
      }
      return input
    }
  }

  private func results(
    of inputs: [EncoderEngine.Input], _ model: ServedModel, _ key: APIKeys.Key,
    _ request: HTTPRequest
  ) async throws -> [[Float]] {
    try context.rates.check(key)
    context.rates.use(inputs.reduce(0) { $0 + $1.ids.count }, by: key)
    return try await request.whileClientStays {
      try await encoder.results(of: inputs, model.mix.parts.first?.version)
    }
  }

  /// The first numbers of a vector, of length 1 as `lowrank embed` and OpenAI have them.
  private static func shortened(_ vector: [Float], to count: Int) -> [Float] {
    let part = vector.prefix(count)
    let length = part.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? part.map { $0 / length } : Array(part)
  }

  /// The numbers as OpenAI's clients read them: f32 in order of bytes of x86.
  private static func base64(_ vector: [Float]) -> String {
    let bytes = vector.flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    return Data(bytes).base64EncodedString()
  }

  /// Probabilities of classes, or the numbers themselves.
  private static func values(_ logits: [Float], _ problem: Classification.Problem) -> [Double] {
    let logits = logits.map(Double.init)
    switch problem {
    case .regression: return logits
    case .multiLabel: return logits.map { 1 / (1 + exp(-$0)) }
    case .singleLabel:
      let largest = logits.max() ?? 0
      let weights = logits.map { exp($0 - largest) }
      let sum = weights.reduce(0, +)
      return weights.map { $0 / sum }
    }
  }
}
