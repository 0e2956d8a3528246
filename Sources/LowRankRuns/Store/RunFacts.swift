/// What is known of a training run when it begins.
public struct RunFacts: Hashable, Sendable {
  /// The absolute path of the adapter folder that the run writes.
  public var adapter: String
  /// What is trained: `causal`, `classification`, ….
  public var task: String
  /// The base model as it was named.
  public var base: String
  /// The base's fingerprint.
  public var baseFingerprint: String?
  /// The data as it was named.
  public var data: String
  /// A hash of the data's content.
  public var dataHash: String
  /// Every setting of the run, as a JSON object.
  public var configuration: String
  /// The versions of what ran, as a JSON object.
  public var versions: String
  /// The step at which the run is complete.
  public var steps: Int
  /// The steps that were done before this run, 0 unless it resumes another.
  public var firstStep: Int
  /// The run that this one resumes.
  public var continues: Int64?

  /// The facts of a run.
  public init(
    adapter: String, task: String, base: String, baseFingerprint: String? = nil, data: String,
    dataHash: String, configuration: String = "{}", versions: String = "{}", steps: Int,
    firstStep: Int = 0, continues: Int64? = nil
  ) {
    self.adapter = adapter
    self.task = task
    self.base = base
    self.baseFingerprint = baseFingerprint
    self.data = data
    self.dataHash = dataHash
    self.configuration = configuration
    self.versions = versions
    self.steps = steps
    self.firstStep = firstStep
    self.continues = continues
  }
}
