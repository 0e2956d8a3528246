import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConsole

/// The story that `lowrank demo` tells, each chapter by the same library calls that the other verbs make.
struct Demonstration {
  private let root: URL
  private let engine: CPUEngine

  private static let marker = "demo.json"
  private static let pretrainingSteps = 500
  private static let adaptingSteps = 400

  /// A demonstration in a folder, which is new, empty, or an earlier one's.
  init(at root: URL, engine: CPUEngine) throws {
    self.root = root
    self.engine = engine
    try finishInterruptedSave(in: root)
    let isEarlier = Self.isDemonstration(root)
    if !isEarlier, !folderContent(root.path).isEmpty {
      throw UsageError(
        "\(root.relativePath) is in use; choose another place with --output, or remove it")
    }
    try publishFolder(at: root, overwrite: isEarlier) { folder in
      try JSONValue.object(["lowrank_demo": .string(AdapterFacts.version)])
        .write(to: folder.appending(path: Self.marker))
    }
  }

  /// Whether a folder is an earlier demonstration's and holds nothing else.
  private static func isDemonstration(_ root: URL) -> Bool {
    let own: Set = [
      marker, "data", "model", "adapter", "small", "merged", "report.html", "broken-adapter",
      "untrained", FolderManifest.name,
    ]
    guard let file = try? JSONFile(at: root.appending(path: marker)) else { return false }
    return file["lowrank_demo"] != nil && own.isSuperset(of: folderContent(root.path))
  }

  func run() throws {
    let start = ContinuousClock.now
    try chapter("1. Writing a corpus in two styles")
    try writeData()
    try chapter("2. Pre-training a small Llama on the plain one")
    let base = try pretrained()
    try chapter("3. Adapting it to the ornate one with LoRA, rank 8 on every linear map")
    let adapter = try adapted(base)
    try chapter("4. Pruning it to what the loss needs (PARA), and looking at both")
    try compress(base)
    try report(base)
    try chapter("5. Merging the adapter into the weights")
    try merge(adapter)
    try chapter("6. A broken adapter is refused")
    try refuseBroken(adapter)
    try close(after: (ContinuousClock.now - start) / .seconds(1))
  }

  private func chapter(_ title: String) throws { try Console.result("\n\(title)") }

  func place(_ path: String) -> URL { root.appending(path: path) }

  // MARK: Data

  private func writeData() throws {
    for (style, seed) in [(DemoCorpus.Style.plain, UInt64(1)), (.ornate, 2)] {
      let folder = place("data/\(style.rawValue)")
      try publishFolder(at: folder) { folder in
        for (name, count, seed) in [("train", 4000, seed), ("valid", 200, seed + 10)] {
          let sentences = DemoCorpus.sentences(style, count: count, seed: seed)
          let file = try OutputFile(at: folder.appending(path: "\(name).jsonl"))
          for sentence in sentences {
            try file.write(
              JSONValue.object(["text": .string(sentence)]).bytes() + [UInt8(ascii: "\n")])
          }
          try file.close()
        }
      }
      try Console.result(
        "   \(folder.relativePath): \(DemoCorpus.sentences(style, count: 1, seed: seed)[0])")
    }
  }

  func data(_ style: DemoCorpus.Style, for model: Model) throws -> Dataset {
    try Dataset(at: place("data/\(style.rawValue)").path, for: model)
  }

  // MARK: Pre-training

  /// Writes a random model with its tokenizer, trains all its weights, and writes the result.
  private func pretrained() throws -> Model {
    let untrained = place("untrained")
    defer { try? FileManager.default.removeItem(at: untrained) }
    let config = JSONFile(DemoModel.config, at: untrained.appending(path: "config.json"))
    let random = try Model(random: config, seed: 1, precision: .float32, engine: engine)
    try random.save(to: untrained)
    try DemoModel.writeTokenizer(into: untrained)
    let start = try Model(from: untrained, precision: .float32, engine: engine)
    let data = try data(.plain, for: start)
    var training = try Training(
      all: start, on: data.train,
      optimizer: .adamW(learningRate: 3e-3, schedule: .cosine, warmup: .steps(20)),
      steps: Self.pretrainingSteps, batchSize: 16)
    try follow(&training)
    let loss = data.valid.map { Evaluation(training, on: $0).loss } ?? .nan
    try Console.result(
      String(
        format: "   %d parameters, validation loss %.3f", training.model.parameterCount, loss))
    let folder = place("model")
    try training.model.save(to: folder)
    return try Model(from: folder, precision: .float32, engine: engine)
  }

  // MARK: Adapting

  private func adapted(_ base: Model) throws -> Adapter {
    let data = try data(.ornate, for: base)
    guard let valid = data.valid else { preconditionFailure("the demo's data has a valid file") }
    let fresh = try Adapter(on: base, targets: .allLinear, update: .lora(rank: 8, alpha: 16))
    let before = Evaluation(base, on: valid)
    let written = try generated(base, .none)
    var training = try Training(
      fresh, on: data.train, optimizer: .adamW(learningRate: 5e-3), steps: Self.adaptingSteps,
      batchSize: 16)
    try follow(&training)
    let adapter = training.adapter
    try adapter.save(to: place("adapter").path)
    let after = Evaluation(training, on: valid)
    try Console.result(
      String(
        format: "   validation loss on the ornate corpus: %.3f before, %.3f after (%d parameters)",
        before.loss, after.loss, adapter.parameterCount))
    try Console.result("   before: \(written)")
    try Console.result("   after:  \(generated(adapter.model, adapter.selection))")
    return adapter
  }

  private func generated(_ model: Model, _ selection: AdapterSelection) throws -> String {
    let tokenizer = try model.tokenizer
    let prompt = "Hark ! By the river"
    var generator = Generator(
      model, prompts: [tokenizer.encode(prompt).ids], adapters: selection, stops: [0],
      maxTokens: 24)
    while try generator.advance() {}
    var stream = StreamDecoder(tokenizer, after: generator.sequences[0].prompt)
    return prompt + generator.sequences[0].tokens.map { stream.append($0) }.joined()
      + stream.finish()
  }

  private func follow(_ training: inout Training) throws {
    var progress = ProgressLine(steps: training.steps, from: 0)
    while let step = try training.next() { progress.show(step) }
    progress.finish()
  }

  // MARK: Merging and refusing

  private func merge(_ adapter: Adapter) throws {
    let texts = DemoCorpus.sentences(.ornate, count: 20, seed: 99)
    let tokenizer = try adapter.base.tokenizer
    let check = try adapter.saveMerged(
      to: place("merged"), provenOn: texts.map { tokenizer.encode($0).ids }
    ).check
    try Console.result(
      String(
        format:
          "   largest logit difference between merged and base + adapter: %.1e over %d tokens",
        check.largestDifference, check.tokens))
  }

  /// Cuts a copy of the adapter's file short and shows that it is refused.
  private func refuseBroken(_ adapter: Adapter) throws {
    let broken = place("broken-adapter")
    try FileManager.default.copyItem(at: place("adapter"), to: broken)
    let file = broken.appending(path: "adapter_model.safetensors")
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(bytes.count - 100).write(to: file)
    do {
      _ = try Adapter(from: broken, on: adapter.base)
    } catch {
      try Console.result("   \(error)")
      return
    }
    throw DataError(broken.relativePath, "a file that was cut short was accepted")
  }

  private func close(after seconds: Double) throws {
    let path = root.relativePath
    let program = CommandLine.arguments[0]
    try Console.result(
      """

      Done in \(Int(seconds.rounded())) s. In \(path): data/, model/, adapter/ and small/ (PEFT's format), merged/, report.html.
      Next:
        \(program) generate --model \(path)/model --adapter \(path)/adapter --prompt "Hark ! By the mill"
        \(program) train --model \(path)/model --data \(path)/data/ornate --adapter-path my-adapter \\
          --target all-linear --rank 4 --learning-rate 5e-3 --iters 300
        \(program) compress \(path)/adapter --output small-adapter --max-loss-increase 1% \\
          --model \(path)/model --data \(path)/data/ornate
      """)
  }
}
