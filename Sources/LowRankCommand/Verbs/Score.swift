import ArgumentParser
import Foundation
import LowRank

/// `lowrank score`: the log-probability of each token, and the logits behind them.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give the log-probability of each token of a text, and the logits.",
    discussion: "Needs no tokenizer with --ids, which are used exactly as given.")

  @OptionGroup var options: ModelOptions

  @Option(help: ArgumentHelp("The text to score. (required, or --ids)", valueName: "text"))
  var text: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Tokens by number, as 1,2,3.", valueName: "ids"))
  var ids: String?

  @Option(help: ArgumentHelp("Where to write f32 logits [tokens, vocabulary].", valueName: "file"))
  var logits: String?

  func run() throws {
    let (model, selection, _) = try options.loadAdapted()
    let ids = try tokens(model)
    let scoring = Scoring(model, ids, adapters: selection)
    guard scoring.logProbabilities.allSatisfy({ $0?.isFinite ?? true }) else {
      throw DataError(
        options.adapter ?? options.model ?? "",
        "a log-probability is not finite; the weights hold a number that is not, or one too large")
    }
    if let logits { try write(scoring, model, to: URL(filePath: logits)) }
    guard options.json else {
      let tokenizer = text == nil ? nil : try model.tokenizer
      for (id, value) in zip(scoring.ids, scoring.logProbabilities) {
        let name = tokenizer?.token(of: id).map { "\t\($0)" } ?? ""
        try Console.result("\(id)\t\(value.map { String(format: "%.4f", $0) } ?? "-")\(name)")
      }
      return
    }
    try Console.result([
      "ids": .array(scoring.ids.map { .integer(Int($0)) }),
      "logprobs": .array(scoring.logProbabilities.map { $0.map { .double($0) } ?? .null }),
    ])
  }

  private func tokens(_ model: Model) throws -> [Int32] {
    let architecture = model.architecture
    let tokens: [Int32]
    switch (text, ids) {
    case (let text?, nil): tokens = try model.tokenizer.encode(text).ids
    case (nil, let ids?):
      tokens = try ids.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let id = Int32(part.trimmingCharacters(in: .whitespaces)) else {
          throw UsageError("--ids: \"\(part)\" is not a number")
        }
        return id
      }
    default: throw UsageError("give either --text or --ids")
    }
    guard !tokens.isEmpty else { throw UsageError("there is no token to score") }
    if let limit = architecture.positionLimit, tokens.count > limit {
      throw UsageError("\(tokens.count) tokens exceed the model's \(limit) positions")
    }
    if let stray = tokens.first(where: { !(0..<Int32(architecture.vocabularySize)).contains($0) }) {
      throw UsageError(
        "the token \(stray) is outside the vocabulary of \(architecture.vocabularySize)")
    }
    return tokens
  }

  /// Replaces an earlier file of tensors and nothing else.
  private func write(_ scoring: Scoring, _ model: Model, to url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path),
      (try? SafetensorsFile(at: url)) == nil
    {
      throw UsageError("--logits \(url.relativePath) is no safetensors file and is not replaced")
    }
    let numbers = model.engine.floats(scoring.logits)
    try publishFile(at: url, overwrite: true) { temporary in
      try SafetensorsFile.write(
        [TensorSource("logits", scoring.logits.shape, floats: numbers)], to: temporary)
    }
  }
}
