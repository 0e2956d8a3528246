import Foundation
import LowRank

extension DataSettings {
  /// How rows become patches for the model of images in a folder.
  func imageEncoder(in folder: URL, _ input: ImageInput) throws -> LabelledEncoder {
    let others: [(RunKey, String?)] = [
      (.promptColumn, promptColumn), (.completionColumn, completionColumn),
      (.promptTemplate, promptTemplate), (.separator, separator == "" ? nil : separator),
      (.trainOn, trainOn), (.chatTemplate, chatTemplate.name),
      (.maxSequenceLength, maxSequenceLength.map(String.init)),
    ]
    for (key, value) in others where value != nil {
      throw SettingsError("\(key) has no effect here: the model reads images")
    }
    let encoder = try ImageEncoder(
      ImageProcessor(inModelFolder: folder), for: input, of: folder.relativePath)
    return LabelledEncoder(encoder, maxLength: input.places, vocabularySize: input.places)
  }
}
