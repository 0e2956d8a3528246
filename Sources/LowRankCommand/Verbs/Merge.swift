import ArgumentParser
import Foundation
import LowRank

/// `lowrank merge`: writes a model with an adapter's update in its weights, and measures what that changed.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model that has an adapter merged into its weights, and verify it.",
    discussion: """
      Merging is done in f32 whatever the weights are stored as. Tokenizer, generation and template files are copied. The \
      written model is opened again and its logits are compared with those of base and adapter.
      """)

  @OptionGroup var options: ModelOptions

  @Option(help: ArgumentHelp("Where the model is written. (required)", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "How weights are stored: f32, bf16 or f16. (default: as the base's)", valueName: "type"))
  var dtype: String?

  @Flag(help: "Replace a folder that is in use.")
  var overwrite = false

  func run() throws {
    guard let model = options.model else { throw UsageError("--model DIR is missing") }
    guard let adapterPath = options.adapter else { throw UsageError("--adapter DIR is missing") }
    guard let output else { throw UsageError("--output DIR is missing") }
    let type = try storedType()
    let place = try OutputFolder(
      output, flag: "--output", overwrite: overwrite, marker: "config.json",
      sparing: [model, adapterPath]
    ).url

    let folder = try AdapterFolder(at: URL(filePath: adapterPath))
    let base = try Model(
      from: URL(filePath: model), as: folder.head, precision: .float32, engine: options.engine())
    let adapter = try Adapter(from: folder.url, on: base)
    if base.classifier != nil {
      _ = try AdaptedModel(model: base, adapter: adapter).labelledTask
    }
    let merged = try base.merging(adapter)
    for note in base.notes + merged.notes.filter({ !base.notes.contains($0) }) {
      Console.write("note: \(note)")
    }
    try merged.save(to: place, overwrite: overwrite, as: type)
    let written = try Model(from: place, precision: .float32, engine: base.engine)
    try report(MergeCheck(written, adapter, on: samples(base)), adapter, output)
  }

  private func storedType() throws -> StoredType? {
    guard let dtype else { return nil }
    guard let type = StoredType(flag: dtype) else {
      throw UsageError("--dtype is \"\(dtype)\", expected f32, bf16 or f16")
    }
    return type
  }

  /// Random tokens, so that no tokenizer is needed.
  private func samples(_ model: Model) -> [[Int32]] {
    var random = Philox(key: options.seedBits)
    let length = min(64, model.architecture.positions)
    return (0..<4).map { _ in
      (0..<length).map { _ in Int32(random.integer(below: model.architecture.vocabularySize)) }
    }
  }

  private func report(_ check: MergeCheck, _ adapter: Adapter, _ output: String) throws {
    let modules = adapter.sites.count + adapter.embeddings.count
    guard options.json else {
      return try Console.result(
        """
        \(output): \(modules) modules merged; beside base and adapter the largest logit difference is \
        \(String(format: "%.2e", check.largestDifference)), KL \(String(format: "%.2e", check.divergence)) \
        over \(check.tokens) tokens
        """)
    }
    try Console.result([
      "model": .string(output), "modules": .integer(modules),
      "largest_logit_difference": .double(check.largestDifference),
      "kl": .double(check.divergence), "tokens": .integer(check.tokens),
    ])
  }
}
