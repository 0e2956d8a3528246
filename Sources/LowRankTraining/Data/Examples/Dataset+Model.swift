import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTransformers

extension Dataset {
  /// Reads a data folder or file for a model: `Dataset(at: "data/e2e", for: base)`.
  ///
  /// The model's tokenizer reads the texts, its end of sequence ends them, and its positions (2048 at the most) bound
  /// their length. Conversations are written by the model's chat template.
  /// - Parameter turns: which turns of conversations are trained.
  /// - Throws: `DataError` with file and line, and what reading the model's files throws.
  public init(at path: String, for model: Model, learning turns: TrainedTurns = .assistant) throws {
    guard let folder = model.folder else { throw ModelError.noFolder }
    let tokenizer = try model.tokenizer
    let end = try EndOfSequence(
      inModelFolder: folder.url, tokenizer: model.tokenizerFolder
    ) { tokenizer.id(of: $0) }
    let renderer = try TemplateRenderer(inModelFolder: folder.url)
    let ends = TurnEnds(tokenizer, stops: end.stops)
    try self.init(
      DataFiles(at: URL(filePath: path)),
      encoder: ExampleEncoder(
        tokenizer, endOfSequence: end.id, maxLength: min(model.architecture.positions, 2048),
        vocabularySize: model.architecture.vocabularySize,
        chat: renderer.map { ChatEncoding($0, learns: turns, ends: ends) }))
  }
}
