import Foundation
import LowRank
import LowRankConsole

/// The model and the data of experiments, and the adapters that they share.
final class Laboratory {
  /// The flags.
  let options: ExperimentOptions
  /// The model without an adapter.
  let base: Model
  /// Its matrices of attention.
  let matrices: AttentionMatrices
  /// The rows to train on.
  let train: ExampleSet
  /// The rows for validation, as many as are used.
  let valid: ExampleSet
  /// The mean loss of a token of the validation rows without an adapter.
  private(set) lazy var baseLoss = Evaluation(base, on: valid).loss

  private let adapters: URL
  private let settings: JSONObject
  private let validation: String
  private var made: [Recipe: TrainedAdapter] = [:]
  private var said: Set<String> = []

  /// Opens model and data.
  ///
  /// - Throws: what reading them throws, `DataError` where there are no rows for validation.
  init(_ options: ExperimentOptions) throws {
    self.options = options
    let folders = try options.folders()
    base = try Model(
      from: folders.model, precision: options.parsedPrecision(), engine: CPUEngine())
    for note in base.notes { Console.write("note: \(note)") }
    matrices = try AttentionMatrices(of: base)
    let data = try Dataset(at: folders.data.relativePath, for: base)
    guard let all = data.valid else {
      throw DataError(folders.data.relativePath, "expected a file valid.jsonl or of another format")
    }
    train = data.train
    valid = ExampleSet(Array(all.examples.prefix(options.rows)), source: all.source)
    for set in [train, valid] { Console.write("\(set.source): \(set.counts)") }
    adapters = folders.output.appending(path: "adapters")
    validation = valid.fingerprint
    settings = [
      "iters": .integer(options.iters), "batch_size": .integer(options.batchSize),
      "learning_rate": .double(options.learningRate), "precision": .string(base.type.rawValue),
      "data": .string(train.fingerprint),
      "base": try base.folder.map { .string(try $0.fingerprint().description) } ?? .null,
    ]
  }

  /// A recipe of one rank, which is cut where a matrix is too small for it, which is reported once.
  func recipe(_ roles: [Site.Role], rank: Int, seed: UInt64? = nil) -> Recipe {
    for role in roles where rank > matrices[role].limit {
      let kind = matrices[role]
      let note =
        "note: rank \(rank) of \(role.symbol) is cut to \(kind.limit), as it is \(kind.outputs) × \(kind.inputs)"
      if said.insert(note).inserted { Console.write(note) }
    }
    return Recipe(
      roles: roles, ranks: roles.map { min(rank, matrices[$0].limit) },
      seed: seed ?? options.seedBits)
  }

  /// The adapter of a recipe, trained now unless it is there already.
  ///
  /// - Throws: `UsageError` where its folder holds one of other settings, `TrainingError`, and what reading and writing
  ///   throws.
  func trained(_ recipe: Recipe) throws -> TrainedAdapter {
    if let known = made[recipe] { return known }
    let found = try stored(recipe) ?? run(recipe)
    made[recipe] = found
    return found
  }

  /// The adapter's updates of single matrices.
  ///
  /// - Throws: what reading the adapter throws.
  func updates(of trained: TrainedAdapter) throws -> [MatrixUpdate] {
    try MatrixUpdate.all(of: Adapter(from: trained.folder, on: base))
  }

  private func stored(_ recipe: Recipe) throws -> TrainedAdapter? {
    let folder = adapters.appending(path: recipe.name)
    let url = folder.appending(path: TrainedAdapter.recordName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      try checkPublishable(folder: folder, overwrite: false)
      return nil
    }
    let record = try JSONFile(at: url)
    let before = try record.object("settings").object
    for (key, value) in (settings.entries + recipe.json.entries) where before[key] != value {
      if options.overwrite { return nil }
      throw UsageError(
        """
        \(folder.relativePath) was trained with \(key) \(before[key]?.text() ?? "null"), not \(value.text()); choose \
        another --output, or train it again with --overwrite
        """)
    }
    let isSame = try record.string("valid") == validation
    let loss =
      try isSame ? record.double("valid_loss") : evaluated(Adapter(from: folder, on: base))
    Console.write("\(recipe.name): trained before, validation loss \(lossText(loss))")
    return TrainedAdapter(
      recipe: recipe, folder: folder, parameters: try record.integer("parameters"),
      trainingLoss: try record.double("train_loss"), loss: loss)
  }

  private func run(_ recipe: Recipe) throws -> TrainedAdapter {
    let start = ContinuousClock.now
    let adapter = try Adapter(
      on: base, configuration: recipe.configuration(matrices), seed: recipe.seed)
    var training = try Training(
      adapter, on: train, optimizer: .adamW(learningRate: options.learningRate),
      steps: options.iters, batchSize: options.batchSize, seed: recipe.seed)
    var closing: (loss: Double, tokens: Int) = (0, 0)
    while let step = try training.next() {
      let line = "\(recipe.name): step \(step.number)/\(options.iters)  loss \(lossText(step.loss))"
      StatusLine.shared.show(FittedLine([.init(line, order: 0)]))
      guard step.number > options.iters - max(1, options.iters / 10) else { continue }
      closing.loss += step.loss * Double(step.tokens)
      closing.tokens += step.tokens
    }
    let result = TrainedAdapter(
      recipe: recipe, folder: adapters.appending(path: recipe.name),
      parameters: adapter.parameterCount,
      trainingLoss: closing.loss / Double(max(1, closing.tokens)),
      loss: evaluated(training.adapter))
    try publishFolder(at: result.folder, overwrite: options.overwrite) { folder in
      try training.adapter.write(into: folder)
      try JSONValue.object(record(result)).write(
        to: folder.appending(path: TrainedAdapter.recordName))
    }
    let seconds = Double((ContinuousClock.now - start).components.seconds)
    Console.write(
      """
      \(recipe.name): \(options.iters) steps in \(Int(seconds)) s, training loss \(lossText(result.trainingLoss)), \
      validation loss \(lossText(result.loss))
      """)
    return result
  }

  private func evaluated(_ adapter: Adapter) -> Double {
    Evaluation(adapter.model, adapters: adapter.selection, on: valid).loss
  }

  /// What a rerun knows an adapter by.
  private func record(_ trained: TrainedAdapter) -> JSONObject {
    [
      "settings": .object(JSONObject(settings.entries + trained.recipe.json.entries)),
      "valid": .string(validation), "valid_loss": .double(trained.loss),
      "train_loss": .double(trained.trainingLoss), "parameters": .integer(trained.parameters),
    ]
  }
}
