import Foundation

/// The examples to train on, to evaluate on in between, and for the final test.
public struct Dataset: Sendable {
  /// The examples to train on.
  public let train: ExampleSet
  /// The examples that training is evaluated on.
  public let valid: ExampleSet?
  /// The examples for the final test.
  public let test: ExampleSet?

  /// Reads the given files; see ``ExampleSet/init(of:encoder:columns:)``.
  public init(_ files: DataFiles, encoder: ExampleEncoder, columns: TextColumns = TextColumns())
    throws
  {
    func examples(_ split: DataSplit) throws -> ExampleSet {
      try ExampleSet(of: split, encoder: encoder, columns: columns)
    }
    train = try examples(files.train)
    valid = try files.valid.map(examples)
    test = try files.test.map(examples)
  }
}
