import Foundation
import LowRankTensors

/// The rotary positions of a GGUF file as keys of `config.json`.
extension GGUFModel {
  /// `rope_theta` and `rope_scaling`, and what else belongs to them.
  func rotary(headSize: Int) throws -> JSONObject {
    let base = try number("rope.freq_base") ?? 10_000
    var keys: JSONObject = [:]
    let scaling = try linearScaling
    switch architecture {
    case .gemma3:
      let local = try number("rope.freq_base_swa") ?? 10_000
      var global: JSONObject = ["rope_theta": .double(base)]
      if let scaling {
        for (key, value) in scaling.entries { global[key] = value }
      } else {
        global["rope_type"] = "default"
      }
      keys["rope_parameters"] = [
        "full_attention": .object(global),
        "sliding_attention": ["rope_type": "default", "rope_theta": .double(local)],
      ]
    case .phi3:
      keys["rope_theta"] = .double(base)
      let rotated = try optionalCount("rope.dimension_count") ?? headSize
      if rotated != headSize {
        keys["partial_rotary_factor"] = .double(Double(rotated) / Double(headSize))
      }
      let trained = try optionalCount("rope.scaling.original_context_length")
      if let trained { keys["original_max_position_embeddings"] = .integer(trained) }
      if let long = try factors("rope_factors_long.weight"),
        let short = try factors("rope_factors_short.weight")
      {
        keys["rope_scaling"] = .object(try longRope(short, long, trained: trained))
      }
    case .llama, .qwen2, .qwen3, .smollm3, .gpt2:
      keys["rope_theta"] = .double(base)
      if let scaling { keys["rope_scaling"] = .object(scaling) }
      if let divisors = try factors("rope_freqs.weight") {
        keys["rope_scaling"] = .object(
          try llama3(divisors, base: base, headSize: headSize))
      }
    }
    return keys
  }

  /// `rope.scaling` with one factor for all frequencies; another kind is refused where the configuration is read.
  private var linearScaling: JSONObject? {
    get throws {
      guard let type = value("rope.scaling.type")?.string, type != "none", type != "longrope" else {
        return nil
      }
      var scaling: JSONObject = ["rope_type": .string(type)]
      if let factor = try number("rope.scaling.factor") { scaling["factor"] = .double(factor) }
      return scaling
    }
  }

  /// The numbers of a small tensor.
  private func factors(_ name: String) throws -> [Double]? {
    guard let tensor = tensor(name) else { return nil }
    guard tensor.shape.rank == 1, tensor.shape.count <= 4096, tensor.type == .float32 else {
      throw GGUFError(path, "the tensor \"\(name)\" must be a short list of F32 numbers")
    }
    let numbers = try tensor.floats()
    guard numbers.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw GGUFError(path, "the tensor \"\(name)\" holds a number that is not greater than 0")
    }
    return numbers.map { Double($0.description) ?? Double($0) }
  }

  private func longRope(
    _ short: [Double], _ long: [Double], trained: Int?
  ) throws -> JSONObject {
    var scaling: JSONObject = [
      "type": "longrope", "short_factor": .array(short.map { .double($0) }),
      "long_factor": .array(long.map { .double($0) }),
    ]
    guard let given = try number("rope.scaling.attn_factor") else { return scaling }
    // transformers works the usual factor out of both lengths, in double precision.
    let ratio = Double(try count("context_length")) / Double(trained ?? 4096)
    let usual = ratio <= 1 ? 1 : (1 + log(ratio) / log(Double(trained ?? 4096))).squareRoot()
    if abs(given - usual) > 1e-6 * usual { scaling["attention_factor"] = .double(given) }
    return scaling
  }

  /// The parameters of Llama 3 that give these divisors of frequencies; LongRoPE with the divisors if none do.
  private func llama3(_ divisors: [Double], base: Double, headSize: Int) throws -> JSONObject {
    guard divisors.count == headSize / 2 else {
      throw GGUFError(
        path,
        "\"rope_freqs.weight\" has \(divisors.count) numbers, expected one for each of \(headSize / 2) frequencies"
      )
    }
    let factor = divisors.max() ?? 1
    let context = try count("context_length")
    let lengths = [8192, context] + (6...18).map { 1 << $0 }
    for trained in lengths where factor > 1 {
      let isMade = zip(divisors, divisors.indices).allSatisfy { divisor, index in
        let wavelength = 2 * Double.pi * pow(base, Double(2 * index) / Double(headSize))
        let turns = Double(trained) / wavelength
        let share = min(1, max(0, (turns - 1) / 3))
        let expected = 1 / ((1 - share) / factor + share)
        return abs(divisor - expected) <= 1e-4 * expected
      }
      guard isMade else { continue }
      return [
        "rope_type": "llama3", "factor": .double(factor), "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": .integer(trained),
      ]
    }
    let list = JSONValue.array(divisors.map { .double($0) })
    return [
      "rope_type": "longrope", "short_factor": list, "long_factor": list, "factor": 1.0,
      "attention_factor": 1.0, "original_max_position_embeddings": .integer(context),
    ]
  }
}
