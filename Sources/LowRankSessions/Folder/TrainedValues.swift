import Foundation
import LowRank

/// What a run trains, with its values at one step.
enum TrainedValues {
  case adapter(Adapter)
  /// A whole model, and the chat template that wrote the rows.
  case model(Model, chatTemplate: String?)

  /// Writes what the run leaves behind.
  func write(into folder: URL) throws {
    switch self {
    case .adapter(let adapter): try adapter.write(into: folder)
    case .model(let model, let template):
      // Rounded to the type of the model to start from, small updates would be lost.
      try model.write(into: folder, as: .float32, chatTemplate: template)
    }
  }

  /// Writes what a state needs beside the values that it has anyway.
  ///
  /// - Parameter isLast: whether these are those values.
  func writeForState(into folder: URL, isLast: Bool) throws {
    switch self {
    case .adapter(var adapter):
      // A state needs no tokenizer: the settings of the run make it again.
      adapter.keepsTokenizer = false
      try adapter.write(into: folder)
    case .model: if !isLast { try write(into: folder) }
    }
  }
}
