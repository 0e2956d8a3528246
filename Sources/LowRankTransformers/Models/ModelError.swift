import LowRankKeys

/// What is wrong with a model folder or its configuration.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The configuration names an architecture that is not built.
  case unsupportedArchitecture(file: String, name: String, supported: [String])
  /// A model that sees both sides of a token was to predict the next one.
  case notCausal(file: String, name: String)
  /// A model was to classify that has no head for it.
  case noClassifier(folder: String, name: String, lacking: [String])
  /// The configuration has a value that is not built.
  case unsupportedValue(file: String, key: String, value: String, expected: String)
  /// The checkpoint lacks a tensor.
  case missingTensor(folder: String, name: String)
  /// The checkpoint lacks the head of a language model, and the head is not tied to the embeddings.
  case missingHead(folder: String, name: String)
  /// A tensor has another shape than the configuration says.
  case misshapenTensor(folder: String, name: String, found: String, expected: String)
  /// The checkpoint has tensors that the architecture has no place for.
  case unexpectedTensors(folder: String, names: [String])
  /// A tensor is of a type that cannot be a weight.
  case unsupportedType(folder: String, name: String, type: String)
  /// A weight that is to be written holds a number that is not finite.
  case notFinite(name: String)
  /// What was written does not read back as it was.
  case savedOtherwise(folder: String, name: String)
  /// A model was to be written over, around or into the folder it came from.
  case ownFolder(folder: String)
  /// Random weights would not fit into the machine's memory.
  case tooLarge(name: String, bytes: Int, memory: Int)
  /// The model was made in memory and has no files.
  case noFolder

  /// One sentence that names the file, the key and what to do.
  public var description: String {
    switch self {
    case .notFinite(let name):
      "the weight \(name) holds a number that is not finite, so nothing was written"
    case .ownFolder(let folder):
      """
      \(folder) is the folder of the model itself, or lies in it or around it, and its weights are in use; choose another \
      place
      """
    case .savedOtherwise(let folder, let name):
      "\(folder): the tensor \(name) differs from what was written when it is read back"
    case .tooLarge(let name, let bytes, let memory):
      """
      with \(name) the weights take \(bytes / 1_000_000) MB, but the machine has \(memory / 1_000_000) MB of memory; \
      choose a smaller configuration
      """
    case .noFolder: "the model was made in memory: it has no folder with a tokenizer"
    case .unsupportedArchitecture(let file, let name, let supported):
      "\(file): the architecture \(name) is not supported; supported are "
        + supported.joined(separator: ", ")
    case .notCausal(let file, let name):
      "\(file): \(name) is an encoder, which predicts no next token; "
        + (VisionTransformer.Family(rawValue: name) == nil
          ? "it is for classification, regression and multilabel, which \(setting: "task") of train selects, and for embeddings"
          : "it is for image-classification, which \(setting: "task") of train selects")
    case .noClassifier(let folder, let name, let modules):
      "\(folder): a model of the class \(name) has no trained head that classifies"
        + (modules.isEmpty ? "" : ", its \(modules.joined(separator: ", ")) would be random")
        + "; train one with \(setting: "task"), or give an adapter that has one"
    case .unsupportedValue(let file, let key, let value, let expected):
      "\(file): \"\(key)\" is \(value), expected \(expected)"
    case .missingTensor(let folder, let name):
      "\(folder): the checkpoint has no tensor \(name)"
    case .missingHead(let folder, let name):
      """
      \(folder): the checkpoint has no tensor \(name), without which no token can be predicted; if the head is tied to the \
      embeddings, config.json must say "tie_word_embeddings": true
      """
    case .misshapenTensor(let folder, let name, let found, let expected):
      "\(folder): the tensor \(name) has shape \(found), the configuration asks for \(expected)"
    case .unexpectedTensors(let folder, let names):
      "\(folder): the architecture has no place for \(names.count) tensor\(names.count == 1 ? "" : "s"): "
        + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    case .unsupportedType(let folder, let name, let type):
      "\(folder): the tensor \(name) is of type \(type), expected F32, BF16, F16 or F64"
    }
  }
}
