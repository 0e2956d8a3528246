import Foundation
import LowRank

/// What `pretrain` does around the loop: a model to begin with, evaluating, writing, and the closing report.
struct PretrainingSession {
  private let flags: Pretrain
  private let place: OutputFolder
  private let valid: ExampleSet?
  private let chatTemplate: String?
  private let scratch: ScratchFolder?
  private var training: Training
  private var progress: ProgressLine
  private var validLoss: (step: Int, loss: Double)?
  private var closing: [TrainingStep] = []
  private var inputTokens = 0
  private var seconds = 0.0

  init(_ flags: Pretrain) throws {
    self.flags = flags
    place = try OutputFolder(
      flags.output ?? "", flag: "--output", overwrite: flags.overwrite, marker: "config.json",
      sparing: [
        flags.model, flags.config, flags.tokenizer, flags.data.data, flags.splits.trainFile,
        flags.splits.validFile,
      ])
    let precision = try PrecisionChoice.taken(flags.precision)
    let seed = UInt64(bitPattern: Int64(flags.seed))
    let engine = try Threads.engine(flags.threads)
    let start: URL
    if let model = flags.model {
      (start, scratch) = (try Located.model(model), nil)
    } else {
      let folder = try Self.random(flags, seed, engine)
      (start, scratch) = (folder.url, folder)
    }
    let model = try Model(from: start, as: .causal, precision: precision, engine: engine)
    PrecisionChoice.announce()
    for note in model.notes { Console.write("note: \(note)") }
    let files = try LocatedData.files(flags.data.data, flags.splits, reading: [.train, .valid])
    let share = try flags.splits.share(of: files, seed: seed)
    let encoder = try flags.data.encoder(for: model)
    let whole = try flags.data.examples(files.train, encoder)
    let train: ExampleSet
    if let share {
      let parts = try whole.divided(by: share)
      (train, valid) = (parts.train, parts.valid)
      share.announce(parts.train.count, parts.valid.count, of: whole.source)
    } else {
      train = whole
      let columns = whole.columns.json
      valid = try files.valid.map { try flags.data.examples($0, encoder, keptIn: columns) }
    }
    chatTemplate = train.holdsConversations ? encoder.chat?.renderer.source : nil
    let steps = try flags.steps.count(rows: train.examples.count)
    training = try Training(
      all: model, on: train, optimizer: flags.steps.optimization(), steps: steps,
      batchSize: flags.steps.batchSize, accumulation: flags.steps.gradAccumulation, seed: seed)
    progress = ProgressLine(steps: steps, from: 0)
    Console.write("\(model.parameterCount) parameters are trained")
  }

  /// A folder with random weights beside the tokenizer's files, which lies where temporary files do.
  private static func random(_ flags: Pretrain, _ seed: UInt64, _ engine: CPUEngine) throws
    -> ScratchFolder
  {
    let config = try JSONFile(at: URL(filePath: flags.config ?? ""))
    let tokenizer = URL(filePath: flags.tokenizer ?? "")
    let texts = try ModelTexts(at: tokenizer)
    guard !texts.names.isEmpty else {
      throw UsageError("--tokenizer \(tokenizer.relativePath) holds no tokenizer.json")
    }
    let folder = try ScratchFolder.made(for: "pretrain")
    try Model(random: config, as: .causal, seed: seed, precision: .float32, engine: engine)
      .save(to: folder.url)
    try texts.write(into: folder.url)
    return folder
  }

  /// Trains to the end, or until the user stops it; what was reached is written in either case.
  mutating func run() throws {
    Heap.trim()
    Interruption.watch()
    while !Interruption.isRequested, let step = try training.next() {
      add(step)
      progress.show(step)
      if let every = flags.evalEvery, step.number.isMultiple(of: every) { try evaluate() }
    }
    progress.finish()
    let isStopped = Interruption.isRequested && training.number < training.steps
    if !isStopped { try evaluate() }
    if training.number > 0 {
      try RescuedSave.saving(place.url, hint: "move it from there") {
        // Rounded to the type of the model to start from, small updates would be lost.
        try training.model.save(
          to: $0, overwrite: flags.overwrite, as: .float32, chatTemplate: chatTemplate)
      }
    }
    guard !isStopped else {
      Console.insist(
        training.number > 0
          ? "stopped; \(place.url.relativePath) is the model after step \(training.number)"
          : "stopped before the first step; nothing is written")
      throw Interrupted()
    }
    try report()
  }

  private mutating func add(_ step: TrainingStep) {
    inputTokens += step.inputTokens
    seconds += step.seconds
    closing.append(step)
    if closing.count > max(1, training.steps / 10) { closing.removeFirst() }
  }

  private mutating func evaluate() throws {
    guard let valid, validLoss?.step != training.number else { return }
    progress.finish()
    guard
      let result = try Evaluation(training, on: valid, until: { Interruption.isRequested })
    else { return }
    validLoss = (training.number, result.loss)
    progress.note(
      String(
        format: "step %d: validation loss %.4f, perplexity %.3f", training.number, result.loss,
        result.perplexity))
  }

  private func report() throws {
    let tokens = closing.reduce(0) { $0 + $1.tokens }
    let loss =
      closing.reduce(0) { $0 + $1.loss * Double($1.tokens) } / Double(max(1, tokens))
    let rate = Double(inputTokens) / max(1e-9, seconds)
    guard flags.json else {
      return Console.write(
        String(
          format: "%@: %@, training loss %.4f%@, %.0f tokens/s, %.2f GB",
          place.url.relativePath, counted(training.number, "step"), loss,
          validLoss.map { String(format: ", validation loss %.4f", $0.loss) } ?? "", rate,
          Double(ProcessMemory.peak) / 1e9))
    }
    try Console.result([
      "model": .string(place.url.relativePath), "steps": .integer(training.number),
      "parameters": .integer(training.model.parameterCount), "train_loss": .double(loss),
      "valid_loss": validLoss.map { .double($0.loss) } ?? .null,
      "tokens_per_second": .double(rate), "peak_memory_bytes": .integer(ProcessMemory.peak),
    ])
  }
}
