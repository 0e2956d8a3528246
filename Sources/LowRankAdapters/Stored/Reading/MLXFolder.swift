import Foundation
import LowRankCheckpoints
import LowRankTensors

/// An adapter folder as mlx-lm lays it out: `adapter_config.json` beside `adapters.safetensors`.
struct MLXFolder {
  let config: JSONFile
  let file: CheckpointFile
  /// s, which is used as it is.
  let scale: Double
  let rank: Int
  let hasMagnitudes: Bool

  static let weightsName = "adapters.safetensors"
  static let downSuffix = ".lora_a"
  static let upSuffix = ".lora_b"
  static let magnitudeSuffix = ".m"

  init(at url: URL) throws {
    config = try JSONFile(at: url.appending(path: AdapterFolder.configName))
    file = try CheckpointFile(at: url.appending(path: Self.weightsName))
    try file.checkTypes()
    let type = try config.string("fine_tune_type", default: "lora")
    guard type == "lora" || type == "dora" else {
      throw AdapterError.unsupported(
        file: config.source, key: "fine_tune_type", value: "\"\(type)\"")
    }
    hasMagnitudes = type == "dora"
    guard let parameters = try config.optionalObject("lora_parameters") else {
      throw config.mismatch("lora_parameters", expected: "an object with rank and scale")
    }
    (rank, scale) = (try parameters.integer("rank"), try parameters.double("scale"))
    guard AdapterConfiguration.isRank(rank) else {
      throw AdapterError.invalid(
        key: "\(config.source): \"rank\"", value: "\(rank)",
        expected: "a number from 1 to \(AdapterConfiguration.greatestRank)")
    }
    guard Float(scale).isFinite else {
      throw AdapterError.invalid(
        key: "\(config.source): \"scale\"", value: "\(scale)",
        expected: "a number that single precision holds")
    }
  }

  /// PEFT's path of a module: mlx-lm has a model without GPT-2's `transformer`.
  static func path(of name: String) -> String {
    name.utf8.starts(with: "model.h.".utf8) ? "transformer." + name.dropFirst(6) : name
  }

  /// mlx-lm's path of a module.
  static func name(of path: String) -> String {
    path.utf8.starts(with: "transformer.h.".utf8) ? "model." + path.dropFirst(12) : path
  }
}
