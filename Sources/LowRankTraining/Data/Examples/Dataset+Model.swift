import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTransformers

extension Dataset {
  /// Reads a data folder or file for a model: `Dataset(at: "data/e2e", for: base)`.
  ///
  /// The model's tokenizer reads the texts, its end of sequence ends them, and its positions (2048 at the most) bound
  /// their length.
  /// - Throws: `DataError` with file and line, and what reading the model's files throws.
  public init(at path: String, for model: Model) throws {
    guard let folder = model.folder else { throw ModelError.noFolder }
    let tokenizer = try model.tokenizer
    let end = try EndOfSequence(inModelFolder: folder.url) { tokenizer.id(of: $0) }
    try self.init(
      DataFiles(at: URL(filePath: path)),
      encoder: ExampleEncoder(
        tokenizer, endOfSequence: end.id, maxLength: min(model.architecture.positions, 2048),
        vocabularySize: model.architecture.vocabularySize))
  }
}
