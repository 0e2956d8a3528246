/// A configuration that the card of a data set declares under `configs`.
public struct DatasetConfig: Hashable, Sendable {
  /// One split of a configuration.
  public struct Split: Hashable, Sendable {
    /// The name of the split.
    public let name: String
    /// The patterns that its files match, such as `data/train-*`.
    public let patterns: [String]

    /// Creates a split.
    public init(_ name: String, patterns: [String]) {
      self.name = name
      self.patterns = patterns
    }
  }

  /// The name of the configuration.
  public let name: String
  /// Whether it is the one to use if none is named.
  public let isDefault: Bool
  /// The folder that its files are in; empty for the whole data set.
  public let folder: String
  /// The splits; empty if they are to be found by the names of the files in the folder.
  public let splits: [Split]

  /// Creates a configuration.
  public init(_ name: String, isDefault: Bool = false, folder: String = "", splits: [Split] = []) {
    self.name = name
    self.isDefault = isDefault
    self.folder = folder
    self.splits = splits
  }
}
