import Foundation
import LowRankCheckpoints
import LowRankTensors

/// A method's own factors, in `native.safetensors` beside the LoRA that equals them.
///
/// Whoever uses the adapter reads the LoRA alone; who trains it further goes on from these factors. The file's metadata hold
/// the method's configuration and the hash of the LoRA's file, so that a change of one of the two is noticed.
enum NativeFactors {
  static let name = "native.safetensors"
  /// The largest rank of a LoRA that stands for another method.
  static let greatestRank = 256
  private static let configKey = "adapter_config"
  private static let hashKey = "adapter_model_hash"

  /// Writes factors beside the LoRA that was written into a folder.
  ///
  /// - Throws: `FileError`.
  static func write(
    _ tensors: [FactorTensor], config: JSONObject, facts: AdapterFacts, into folder: URL
  ) throws {
    try SafetensorsFile.write(
      tensors.map {
        TensorSource(TensorName(AdapterFolder.fullName(of: $0.name)), $0.shape, floats: $0.values)
      },
      metadata: [
        "format": "pt", configKey: .string(JSONValue.object(config).text()),
        hashKey: .string(try hash(of: folder.appending(path: AdapterFolder.weightsName))),
        AdapterFacts.metadataKey: .string(JSONValue.object(facts.json).text()),
      ], to: folder.appending(path: name))
  }

  /// The hash of a file's bytes.
  fileprivate static func hash(of file: URL) throws -> String {
    let mapped = try MappedFile(at: file)
    return withExtendedLifetime(mapped) { MurmurHash3(of: mapped.bytes).hexadecimal }
  }

  /// The folder as it would be if it held a method's own factors; nil where there are none beside the LoRA.
  ///
  /// - Throws: `AdapterError.nativeMissing` where the LoRA was written with them, `.nativeDiffers` where it was changed since,
  ///   `JSONError`, and what opening the file throws.
  static func folder(in folder: AdapterFolder) throws -> AdapterFolder? {
    let url = folder.url.appending(path: name)
    guard folder.hasNativeFactors else {
      guard let type = folder.facts?.native else { return nil }
      throw AdapterError.nativeMissing(file: url.relativePath, type: type)
    }
    let file = try SafetensorsFile(at: url)
    guard let text = file.metadata[configKey]?.string else {
      throw JSONError(
        source: url.relativePath, problem: "the metadata lack \"\(configKey)\"; remove the file")
    }
    let source = "\(url.relativePath), metadata \"\(configKey)\""
    guard let config = try JSONValue(parsing: text, from: source).object else {
      throw JSONError(source: source, problem: "must be an object")
    }
    guard try file.metadata[hashKey]?.string == hash(of: folder.file.url) else {
      throw AdapterError.nativeDiffers(
        file: url.relativePath, type: config["peft_type"]?.string ?? "other",
        lora: folder.file.url.relativePath)
    }
    return AdapterFolder(
      folder.url, .peft, config: JSONFile(config, at: url), file: CheckpointFile(file),
      facts: try AdapterFacts(metadata: file.metadata, file: url.relativePath))
  }
}

extension AdapterFolder {
  /// Whether the folder holds a LoRA that was written for another method, even if that one's own factors are gone.
  package var standsForAnotherMethod: Bool { hasNativeFactors || facts?.native != nil }

  /// Whether a method's own factors lie beside the LoRA that equals them.
  package var hasNativeFactors: Bool {
    format == .peft
      && FileManager.default.fileExists(
        atPath: url.appending(path: NativeFactors.name).path)
  }
}
