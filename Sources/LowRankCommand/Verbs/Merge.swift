import ArgumentParser
import Foundation
import LowRank

/// `lowrank merge`: writes a model with an adapter's update in its weights, and measures what that changed.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model that has an adapter merged into its weights, and verify it.",
    discussion: """
      Merges in f32, whatever type the weights are stored in. Tokenizer, generation and template files are copied. The \
      written model is opened again, and its logits on sample texts (random tokens if the model has no tokenizer) are \
      compared with those of base and adapter; lowrank.json beside the weights keeps the result. If the difference is above \
      --max-kl or --max-logit-difference, nothing is written and the exit code is 1.

      EXAMPLE:
        lowrank merge --model models/smollm --adapter adapters/e2e --output models/smollm-e2e
      """)

  @OptionGroup var options: ModelOptions<AdapterRequired>

  @Option(
    help: ArgumentHelp("Where the model is written. (required)", valueName: "dir"),
    completion: .folder)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The type of the stored weights: f32, bf16 or f16. (default: that of the base)",
      valueName: "type"),
    completion: .storedType)
  var dtype: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The greatest mean KL divergence, in nats, that is accepted. (default: 1e-4, and 0.01 in bf16 and f16)",
      valueName: "x"))
  var maxKL: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The greatest difference of two logits that is accepted. (default: a thousandth of the largest logit, and a tenth in bf16 and f16)",
      valueName: "x"))
  var maxLogitDifference: Double?

  @Flag(help: "Replace earlier results in the folder; other files in it stay.")
  var overwrite = false

  func run() throws {
    guard let model = options.model else { throw UsageError("--model DIR is missing") }
    guard let adapterPath = options.adapter else { throw UsageError("--adapter DIR is missing") }
    guard let output else { throw UsageError("--output DIR is missing") }
    let type = try storedType()
    for (flag, limit) in [("--max-kl", maxKL), ("--max-logit-difference", maxLogitDifference)] {
      guard limit.map({ $0 >= 0 }) ?? true else {
        throw UsageError("\(flag) is \(limit ?? 0), expected 0 or more")
      }
    }
    let place = try OutputFolder(
      output, flag: "--output", overwrite: overwrite, marker: "config.json",
      sparing: [model, adapterPath], besides: [model]
    ).url

    let folder = try options.adapterFolder(adapterPath)
    let base = try Model(
      from: Located.model(model), as: folder.head, precision: .float32, engine: options.engine())
    for note in base.notes { Console.write("note: \(note)") }
    let adapter = try options.checks.load(folder.url, on: base)
    if base.classifier != nil {
      _ = try AdaptedModel(model: base, adapter: adapter).labelledTask
    }
    let samples = MergeSamples(for: adapter.base, seed: options.seedBits)
    let proof = try adapter.saveMerged(
      to: place, overwrite: overwrite, as: type, provenOn: samples.ids,
      limits: MergeLimits(divergence: maxKL, difference: maxLogitDifference),
      stoppingAt: try turnEnd(of: adapter, in: folder.url).map { [$0] } ?? [])
    for note in proof.notes { Console.write("note: \(note)") }
    if proof.check.effect > 0, proof.check.divergence >= proof.check.effect {
      Console.write(
        "note: the adapter changes these samples less than storing weights as \(proof.types.map(\.rawValue).joined(separator: ", ")) does; --dtype f32 keeps its whole effect"
      )
    }
    try report(proof, on: samples, adapter, output)
  }

  /// The added token that ends the turns of the adapter's chat template; nil if there is none.
  private func turnEnd(of adapter: Adapter, in url: URL) throws -> Int32? {
    guard let texts = adapter.base.tokenizerFolder, let folder = adapter.base.folder,
      let template = AdapterFolder.template(in: url),
      let renderer = try TemplateRenderer(inModelFolder: texts, template: template)
    else { return nil }
    let tokenizer = try adapter.base.tokenizer
    let end = try EndOfSequence(inModelFolder: folder.url, tokenizer: texts) {
      tokenizer.id(of: $0)
    }
    let ends = TurnEnds(tokenizer, stops: end.stops)
    guard let id = ChatEncoding(renderer, ends: ends).turnEnd, !end.stops.contains(id) else {
      return nil
    }
    Console.write(
      "note: generation stops at \(tokenizer.token(of: id) ?? "\(id)") too, as generation_config.json says"
        .printable)
    return id
  }

  private func storedType() throws -> StoredType? {
    guard let dtype else { return nil }
    guard let type = StoredType(flag: dtype) else {
      throw UsageError.value(dtype, of: "--dtype", expected: ["f32", "bf16", "f16"])
    }
    return type
  }

  private func report(
    _ proof: MergeProof, on samples: MergeSamples, _ adapter: Adapter, _ output: String
  ) throws {
    let modules = adapter.sites.count + adapter.embeddings.count
    let check = proof.check
    guard options.json else {
      return try Console.result(
        """
        \(output): \(counted(modules, "module")) merged; compared with base and adapter, the largest logit difference is \
        \(Self.text(check.largestDifference)) (limit \(Self.text(proof.limits.difference ?? 0))), KL \
        \(Self.text(check.divergence)) (limit \(Self.text(proof.limits.divergence ?? 0)); the adapter's own effect: \
        \(Self.text(check.effect))) over \(samples.source.counted(check.tokens))
        """)
    }
    var result: JSONObject = ["model": .string(output), "modules": .integer(modules)]
    for (key, value) in proof.json.entries { result[key] = value }
    result["samples"] = .string(samples.source.rawValue)
    try Console.result(result)
  }

  private static func text(_ number: Double) -> String { String(format: "%.2e", number) }
}
