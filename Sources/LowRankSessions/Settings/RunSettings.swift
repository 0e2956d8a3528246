import LowRank

/// Everything that defines a run of training.
///
/// Flags, YAML and JSON fill it, with the same names: those of ``RunKey``. Two equal settings make the same run.
public struct RunSettings: Hashable, Sendable {
  /// What a run trains.
  public enum Subject: String, Sendable {
    /// An adapter of a model.
    case adapter
    /// All weights of a model.
    case model
  }

  /// What is trained.
  public var subject = Subject.adapter
  /// The model, and how it computes.
  public var model = ModelSettings()
  /// The `config.json` of a new model with random weights, and the folder of its tokenizer, instead of a model.
  public var config, tokenizer: String?
  /// The rows.
  public var data = DataSettings()
  /// Which rows are trained on, and which evaluated on.
  public var splits = SplitSettings()
  /// What the adapter is.
  public var adapter = AdapterSettings()
  /// An adapter to start from, instead of a new one: a folder, or a name on the hub.
  public var initAdapter: String?
  /// How many steps there are, and how each is made.
  public var steps = StepSettings()
  /// The task: `causal`, `classification`, `regression`, `multilabel` or `image-classification`.
  public var task = TrainingTask.causal.rawValue
  /// What is learned from rows of preferences, instead of the task.
  public var objective = ObjectiveSettings()
  /// The metric by which the best evaluation is chosen, or `last`; nil for the task's own.
  public var metric: String?
  /// The folder that is written.
  public var output: String?
  /// The dropout of the model itself; nil for that of its configuration.
  public var baseDropout: Double?
  /// Evaluates every so many steps; nil for at the end alone.
  public var evalEvery: Int?
  /// How many of the rows to evaluate on are taken, chosen by the seed; nil for all.
  public var evalRows: Int?
  /// Saves every so many steps; nil for at the end alone.
  public var saveEvery: Int?
  /// How many of the newest states are kept.
  public var saveTotalLimit = 2
  /// Stops after so many evaluations in a row without improvement; nil for never.
  public var patience: Int?
  /// The share of each target that is spread evenly over all tokens or classes; with an objective of preferences, the
  /// probability that a pair is the wrong way round.
  public var labelSmoothing = 0.0
  /// Whether the order of the file is kept in every epoch.
  public var noShuffle = false
  /// Whether the run in the folder is continued; where there is none, it begins.
  public var resume = false
  /// Whether what the folder holds is replaced.
  public var overwrite = false
  /// The policy by which `lowrank train` prunes the adapter of a finished run, as `keep=0.25`; nil for none.
  ///
  /// A session does not prune by itself: a program does it with `Compression`.
  public var compressAfter: String?
  /// Where the run can be seen.
  public var records = RecordSettings()
  /// What the run may take.
  public var plan = PlanSettings()

  /// A run that trains an adapter of a model on some data and writes it to a folder.
  public init(model: String? = nil, data: String? = nil, output: String? = nil) {
    self.model = ModelSettings(model)
    self.data = DataSettings(data)
    self.output = output
  }
}

/// Where a run can be seen while it goes.
public struct RecordSettings: Hashable, Sendable {
  /// The folder of TensorBoard's event files; nil for none.
  public var tensorboard: String?
  /// The file of the run store; nil for the standard one.
  public var store: String?
  /// Whether the run is not recorded in a store.
  public var noStore = false

  /// The standard store.
  public init() {}
}

/// What a run may take, and how it saves it.
public struct PlanSettings: Hashable, Sendable {
  /// Whether blocks keep only their inputs and are computed again for their derivative.
  public var gradCheckpointing = false
  /// Whether short rows are put together into packs.
  public var packing = false
  /// The most memory that the process may hold, as `900MB`; nil for no limit.
  public var memoryLimit: String?
  /// The memory for statistics of data that the start of an adapter needs.
  public var statisticsMemory: String?
  /// Whether the run is only planned.
  public var dryRun = false

  /// No limit.
  public init() {}
}
