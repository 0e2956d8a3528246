import Foundation
import LowRankCheckpoints

extension RotaryScaling {
  /// Reads the rotary positions of Phi-3 and Phi-4-mini as transformers 5.23 does: plain or LongRoPE, on a share of each
  /// head.
  ///
  /// - Parameter trained: the configuration's own `original_max_position_embeddings`.
  /// - Throws: `JSONError` for a value of the wrong type, `ModelError.unsupportedValue` for an unsupported value.
  init(phi3 config: some JSONFields, positions: Int, trained: Int) throws {
    let older = try config.optionalObject("rope_scaling")
    let newer = try config.optionalObject("rope_parameters")
    let scaling = older.flatMap { $0.object.isEmpty ? nil : $0 } ?? newer
    let outer = try config.double("rope_theta", default: 10000)
    let outerShare = try config.double("partial_rotary_factor", default: 1)
    self.init(theta: try scaling?.double("rope_theta", default: outer) ?? outer)
    share = try scaling?.double("partial_rotary_factor", default: outerShare) ?? outerShare
    guard let scaling else { return }
    let name = try scaling.string("rope_type", default: scaling.string("type", default: "default"))
    guard name != "default" else { return }
    guard ["longrope", "su", "yarn"].contains(name) else {
      throw ModelError.unsupportedValue(
        file: config.source, key: "rope_type", value: "\"\(name)\"",
        expected: "default or longrope")
    }
    kind = try .long(scaling, positions: positions, trained: trained)
  }

  /// The number of divisors in each list of LongRoPE.
  var factorCounts: [Int] {
    guard case .long(let short, let long, _, _) = kind else { return [] }
    return [short.count, long.count]
  }

  /// What cosines and sines are multiplied by.
  var attentionFactor: Float {
    guard case .long(_, _, let factor, _) = kind else { return 1 }
    return Float(factor)
  }
}

extension RotaryScaling.Kind {
  /// Reads LongRoPE's divisors and its factor of cosines and sines.
  ///
  /// - Throws: `JSONError` for a value of the wrong type or missing divisors.
  static func long(_ scaling: JSONSection, positions: Int, trained: Int) throws -> Self {
    let ratio = Double(positions) / Double(trained)
    let factor = try scaling.double("factor", default: ratio)
    let usual = factor <= 1 ? 1 : (1 + log(factor) / log(Double(trained))).squareRoot()
    return .long(
      short: try divisors("short_factor", scaling), long: try divisors("long_factor", scaling),
      attentionFactor: try scaling.double("attention_factor", default: usual), trained: trained)
  }

  private static func divisors(_ key: String, _ scaling: JSONSection) throws -> [Double] {
    guard let numbers = try scaling.optionalDoubles(key) else {
      throw scaling.error(key, "is missing; longrope has a number for each frequency")
    }
    return numbers
  }
}
