import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank score`: the log-probability of each token, and the logits behind them.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the log-probability of each token of a text, or a classifier's logits.",
    discussion: """
      --ids are used exactly as given and need no tokenizer.

      EXAMPLES:
        lowrank score --model models/smollm --text 'Once upon a time'
        lowrank score --model models/smollm --ids 1,2,3 --json
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The text to score; for an encoder, one text or the two of a pair. (required, or --ids)",
      valueName: "text"))
  var text: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Tokens by number, as 1,2,3.", valueName: "ids"))
  var ids: String?

  @Option(
    help: ArgumentHelp(
      "Where to write f32 logits [tokens, vocabulary], as the tensor logits of a safetensors file. Of encoders, the tensor hidden [tokens, width]; of classifiers, logits [1, classes] too.",
      valueName: "file"), completion: .file(extensions: ["safetensors"]))
  var logits: String?

  func run() throws {
    let adapted = try options.loadAdapted()
    try adapted.checkReadsTexts("score")
    let (ids, kinds) = try tokens(adapted.model)
    guard adapted.model.architecture is CausalModel else {
      return try scoreSequence(adapted, ids, kinds)
    }
    let scoring = Scoring(adapted.model, ids, adapters: adapted.selection)
    try check(
      scoring.logProbabilities.allSatisfy { $0?.isFinite ?? true }, "a log-probability", adapted)
    if let logits {
      try write(["logits": scoring.logits], adapted.model, to: URL(filePath: logits))
    }
    guard options.results.json else {
      let tokenizer = text.isEmpty ? nil : try adapted.model.tokenizer
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

  /// What an encoder or classifier makes of the tokens.
  private func scoreSequence(_ adapted: AdaptedModel, _ ids: [Int32], _ kinds: [Int32]?) throws {
    let model = adapted.model
    if model.classifier != nil { _ = try adapted.labelledTask }
    let scoring = SequenceScoring(model, ids, kinds: kinds, adapters: adapted.selection)
    let numbers = scoring.logits.map(model.engine.floats)
    let hidden = model.engine.floats(scoring.hidden)
    try check(
      (hidden + (numbers ?? [])).allSatisfy(\.isFinite), "a hidden state or logit", adapted)
    if let logits {
      var tensors = ["hidden": scoring.hidden]
      tensors["logits"] = scoring.logits
      try write(tensors, model, to: URL(filePath: logits))
    }
    guard options.results.json else {
      guard let numbers else {
        return try Console.result(
          "\(ids.count) tokens, \(model.architecture.width) numbers each; --logits FILE keeps them")
      }
      let labels = try adapted.labelledTask.classification.labels
      for (label, number) in zip(labels, numbers) {
        try Console.result("\(label)\t\(String(format: "%.4f", number))")
      }
      return
    }
    try Console.result([
      "ids": .array(ids.map { .integer(Int($0)) }),
      "logits": numbers.map { .array($0.map { .double(Double($0)) }) } ?? .null,
    ])
  }

  private func check(_ isFinite: Bool, _ what: String, _ adapted: AdaptedModel) throws {
    if !isFinite { throw options.nonFinite("\(what) is not finite", of: adapted) }
  }

  /// The tokens, and their kinds where a tokenizer told the texts of a pair apart.
  private func tokens(_ model: Model) throws -> (ids: [Int32], kinds: [Int32]?) {
    let architecture = model.architecture
    let tokens: [Int32]
    var kinds: [Int32]?
    switch (text.count, ids) {
    case (1...2, nil):
      guard text.count == 1 || !(architecture is CausalModel) else {
        throw UsageError("--text is given two texts, but only encoders take pairs")
      }
      let encoding =
        try text.count == 1
        ? model.tokenizer.encode(text[0]) : model.tokenizer.encodePair(text[0], text[1])
      LostText.warn(encoding, of: text.joined(), in: "--text")
      (tokens, kinds) = (encoding.ids, encoding.typeIDs)
    case (0, let ids?):
      tokens = try ids.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let id = Int32(part.trimmingCharacters(in: .whitespaces)) else {
          throw UsageError("--ids: \"\(part)\" is not a number")
        }
        return id
      }
    default: throw UsageError("give either --text or --ids; --text takes one text, or a pair")
    }
    guard !tokens.isEmpty else { throw UsageError("there is no token to score") }
    if let limit = architecture.positionLimit, tokens.count > limit {
      throw UsageError("\(tokens.count) tokens exceed the model's \(limit) positions")
    }
    if let stray = tokens.first(where: { !(0..<Int32(architecture.vocabularySize)).contains($0) }) {
      throw UsageError(
        "the token \(stray) is outside the vocabulary of \(architecture.vocabularySize)")
    }
    return (tokens, kinds)
  }

  /// Replaces an earlier file of tensors and nothing else.
  private func write(_ tensors: [String: Tensor], _ model: Model, to url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path),
      (try? SafetensorsFile(at: url)) == nil
    {
      throw UsageError("--logits \(url.relativePath) is no safetensors file and is not replaced")
    }
    let sources = tensors.sorted { $0.key < $1.key }.map { name, tensor in
      TensorSource(TensorName(name), tensor.shape, floats: model.engine.floats(tensor))
    }
    try publishFile(at: url, overwrite: true) { temporary in
      try SafetensorsFile.write(sources, to: temporary)
    }
  }
}
