/// Which splits of a data set are read, as far as the user chooses them.
public struct SplitChoice: Hashable, Sendable {
  /// The name of the configuration; nil for the only one, or the default one.
  public var config: String?
  /// The names of splits by their roles; roles without a name are found by the usual names.
  public var splits: [SplitRole: String] = [:]
  /// Files that are read instead of the data set's own, by their roles.
  public var files: [SplitRole: String] = [:]
  /// Whether rows to train on are looked for.
  public var readsTraining = true
  /// Whether there must be rows to train on.
  public var needsTraining = true
  /// Whether rows are images: folders of them, by class, or tables that name them.
  public var holdsImages = false

  /// Leaves every choice to the usual names.
  public init(config: String? = nil) { self.config = config }
}
