import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank merge`: writes a model with an adapter's update in its weights, and measures what that changed.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model that has an adapter merged into its weights, and verify it.",
    discussion: """
      Merges in f32, whatever type the weights are stored in. Tokenizer, generation and template files are copied. The \
      written model is opened again, and its logits on sample texts (random tokens if the model has no tokenizer) are \
      compared with those of base and adapter; lowrank.json beside the weights keeps the result. If the difference is above \
      --max-kl or --max-logit-difference, nothing is written and the exit code is 1.

      With --gguf, a GGUF file is written, checked in the same way. Its metadata (tokenizer, chat template, settings) are \
      those of the GGUF file that --model names. For a model in a folder, --metadata names a GGUF file of the same model.

      EXAMPLES:
        lowrank merge --model models/smollm --adapter adapters/e2e --output models/smollm-e2e
        lowrank merge --model gemma-q4_k_m.gguf --adapter adapters/e2e --gguf Q8_0 --output gemma-e2e-q8_0.gguf
      """)

  @OptionGroup var options: ModelOptions<AdapterRequired>

  @Option(
    help: ArgumentHelp(
      "Where the model is written: a folder, or with --gguf a file. (required)", valueName: "path"),
    completion: .model)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The type of the stored weights: f32, bf16 or f16. (default: that of the base)",
      valueName: "type"),
    completion: .storedType)
  var dtype: String?

  @Option(
    help: ArgumentHelp(
      "Write a GGUF file whose matrices are F16, BF16 or Q8_0; norms and biases are F32.",
      valueName: "type"),
    completion: .ggufType)
  var gguf: String?

  @Option(
    help: ArgumentHelp(
      "With --gguf, for a model in a folder: a GGUF file of the same model, whose metadata are kept.",
      valueName: "file"),
    completion: .model)
  var metadata: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The greatest mean KL divergence, in nats, that is accepted. (default: 1e-4, and 0.01 in bf16, f16 and Q8_0)",
      valueName: "x"))
  var maxKL: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The greatest difference of two logits that is accepted. (default: a thousandth of the largest logit, and a tenth in bf16, f16 and Q8_0)",
      valueName: "x"))
  var maxLogitDifference: Double?

  @OptionGroup var replacing: OverwriteOption<MergedModel>

  func run() throws {
    guard let model = options.model else { throw UsageError("--model DIR is missing") }
    guard let adapterPath = options.adapter else { throw UsageError("--adapter DIR is missing") }
    guard let output else { throw UsageError("--output DIR is missing") }
    let (type, encoding) = (try storedType(), try ggufEncoding())
    for (flag, limit) in [("--max-kl", maxKL), ("--max-logit-difference", maxLogitDifference)] {
      guard limit.map({ $0 >= 0 }) ?? true else {
        throw UsageError("\(flag) is \(limit ?? 0), expected 0 or more")
      }
    }
    let place = try place(output, model, adapterPath)
    let source = try encoding == nil ? nil : metadataFile(of: model)

    let folder = try options.settings.adapterFolder(adapterPath)
    let base = try Model(
      from: Located.model(model), as: folder.head, precision: .float32,
      engine: options.settings.engine(),
      keepsStored: encoding != nil)
    for note in base.notes { Console.write("note: \(note)") }
    let adapter = try options.checks.settings.load(folder.url, on: base)
    if base.classifier != nil, encoding == nil {
      _ = try AdaptedModel(model: base, adapter: adapter).labelledTask
    }
    let samples = MergeSamples(for: adapter.base, seed: options.settings.seedBits)
    let limits = MergeLimits(divergence: maxKL, difference: maxLogitDifference)
    let end = try turnEnd(of: adapter, in: folder.url)
    let proof =
      if let encoding {
        try adapter.saveMerged(
          toGGUF: place, overwrite: replacing.overwrite, as: encoding, metadataOf: source,
          provenOn: samples.ids, limits: limits, stoppingAt: end)
      } else {
        try adapter.saveMerged(
          to: place, overwrite: replacing.overwrite, as: type, provenOn: samples.ids,
          limits: limits,
          stoppingAt: end.map { [$0] } ?? [])
      }
    for note in proof.notes { Console.write("note: \(note)".printable) }
    if proof.check.effect > 0, proof.check.divergence >= proof.check.effect {
      let types = proof.types.map(\.rawValue).joined(separator: ", ")
      Console.write(
        "note: the adapter changes these samples less than storing weights as \(types) does; "
          + "\(encoding == nil ? "" : "a folder with ")--dtype f32 keeps its whole effect")
    }
    try report(proof, on: samples, adapter, place, output)
  }

  /// The folder or the GGUF file to write, refused where that would fail or destroy something.
  private func place(_ output: String, _ model: String, _ adapter: String) throws -> URL {
    let isFile = URL(filePath: output).pathExtension.lowercased() == "gguf"
    guard gguf != nil else {
      guard !isFile else {
        throw UsageError(
          "--output \(output) names a GGUF file, but a folder is written: add --gguf F16, BF16 or Q8_0, or choose another name"
        )
      }
      return try OutputFolder(
        output, name: "--output", overwrite: replacing.overwrite, marker: "config.json",
        sparing: [model, adapter], besides: [model]
      ).url
    }
    return try CheckedFile(
      output, name: "--output", overwrite: replacing.overwrite, kind: "GGUF file",
      isKind: GGUFFile.isGGUF,
      sparing: [model, adapter, metadata]
    ).url
  }

  /// The GGUF file whose metadata are kept, where it is not the model itself.
  private func metadataFile(of model: String) throws -> URL? {
    let isFile = ModelFolder.isGGUF(try Located.model(model))
    if let metadata {
      guard !isFile else {
        throw UsageError("--metadata is for a model in a folder, but \(model) is a GGUF file")
      }
      return try Located.model(metadata)
    }
    guard !isFile else { return nil }
    throw UsageError(
      "\(model) is a folder, without the tokenizer and settings as a GGUF file holds them: name a GGUF file of the same "
        + "model with --metadata, or merge into a folder, and convert that with convert_hf_to_gguf.py of llama.cpp"
    )
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
    let place = gguf == nil ? "generation_config.json" : "tokenizer.ggml.eot_token_id"
    Console.write(
      "note: generation stops at \(tokenizer.token(of: id) ?? "\(id)") too, as \(place) says"
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

  private func ggufEncoding() throws -> GGUFEncoding? {
    guard let gguf else {
      guard metadata == nil else { throw UsageError("--metadata has no effect without --gguf") }
      return nil
    }
    guard dtype == nil else { throw UsageError("--dtype is for a folder; --gguf names the type") }
    guard let encoding = GGUFEncoding(named: gguf) else {
      throw UsageError.value(
        gguf, of: "--gguf", expected: GGUFEncoding.allCases.map(\.rawValue))
    }
    return encoding
  }

  private func report(
    _ proof: MergeProof, on samples: MergeSamples, _ adapter: Adapter, _ place: URL,
    _ output: String
  ) throws {
    let modules = adapter.sites.count + adapter.embeddings.count
    let check = proof.check
    guard options.results.json else {
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
    if gguf != nil {
      result["format"] = "gguf"
      let size = try place.resourceValues(forKeys: [.fileSizeKey]).fileSize
      result["bytes"] = size.map { .integer($0) } ?? .null
    }
    try Console.result(result)
  }

  private static func text(_ number: Double) -> String { String(format: "%.2e", number) }
}
