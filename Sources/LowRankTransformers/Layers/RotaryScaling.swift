import Foundation
import LowRankCheckpoints
import LowRankTensors

/// How a model turns positions into rotary angles: transformers' `rope_parameters`, or `rope_theta` with
/// `rope_scaling`.
public struct RotaryScaling: Hashable, Sendable {
  /// How frequencies are stretched for longer contexts.
  public enum Kind: Hashable, Sendable {
    /// `θ^(−2i/d)`.
    case plain
    /// Divided by a factor.
    case linear(factor: Double)
    /// A base that grows with the sequence once it is longer than the model was trained for.
    case dynamic(factor: Double, trained: Int)
    /// Llama 3's: low frequencies divided by a factor, high ones kept, a smooth passage between.
    case llama3(factor: Double, low: Double, high: Double, trained: Int)
    /// LongRoPE: a divisor for each frequency, of one list up to the length of training and of another beyond it; cosines
    /// and sines are multiplied by `attentionFactor`.
    ///
    /// Ding et al., arXiv 2402.13753.
    case long(short: [Double], long: [Double], attentionFactor: Double, trained: Int)
  }

  /// `rope_theta`.
  public var theta: Double
  /// `rope_type`.
  public var kind: Kind

  /// `partial_rotary_factor`: the share of each head's columns that is rotated.
  public var share = 1.0

  /// Plain frequencies.
  init(theta: Double) { (self.theta, kind) = (theta, .plain) }

  /// Reads either generation's keys, as transformers 5.23 does.
  ///
  /// `rope_scaling` takes precedence over `rope_parameters`, and a key inside either over one of the configuration
  /// itself.
  /// - Throws: `JSONError` for a value of the wrong type, `ModelError.unsupportedValue` for an unsupported value.
  public init(_ config: some JSONFields, positions: Int, defaultTheta: Double = 10000) throws {
    let older = try config.optionalObject("rope_scaling")
    let newer = try config.optionalObject("rope_parameters")
    try self.init(
      parameters: older.flatMap { $0.object.isEmpty ? nil : $0 } ?? newer, of: config,
      theta: config.double("rope_theta", default: defaultTheta), positions: positions)
  }

  /// Reads the parameters of one kind of layer.
  ///
  /// - Parameters:
  ///   - scaling: the object with `rope_type` and its parameters; nil for plain frequencies.
  ///   - outer: the base if the object names none.
  /// - Throws: as ``init(_:positions:defaultTheta:)``.
  init(
    parameters scaling: JSONSection?, of config: some JSONFields, theta outer: Double,
    positions: Int
  ) throws {
    theta = try scaling?.double("rope_theta", default: outer) ?? outer
    guard let scaling else {
      kind = .plain
      return
    }
    if let nested = scaling.object.entries.first(where: { $0.value.object != nil }) {
      throw scaling.error(
        nested.key,
        "is an object, but this architecture has one kind of rotary positions for all layers")
    }
    let old = try scaling.string("type", default: "default")
    let name = try scaling.string("rope_type", default: old)
    switch name {
    case "default":
      kind = .plain
      return
    case "linear":
      kind = .linear(factor: try scaling.double("factor"))
    case "dynamic":
      // transformers ignores original_max_position_embeddings here.
      kind = .dynamic(factor: try scaling.double("factor"), trained: positions)
    case "llama3":
      let inner = try scaling.positive("original_max_position_embeddings", default: positions)
      kind = .llama3(
        factor: try scaling.double("factor"), low: try scaling.double("low_freq_factor"),
        high: try scaling.double("high_freq_factor"),
        trained: try config.positive("original_max_position_embeddings", default: inner))
    case "longrope":
      let trained = try config.positive(
        "original_max_position_embeddings",
        default: scaling.positive("original_max_position_embeddings", default: positions))
      kind = try .long(scaling, positions: positions, trained: trained)
    default:
      throw ModelError.unsupportedValue(
        file: config.source, key: "rope_type", value: "\"\(name)\"",
        expected: "default, linear, dynamic, llama3 or longrope")
    }
    let given = try config.double("partial_rotary_factor", default: 1)
    let partial = try scaling.double("partial_rotary_factor", default: given)
    try scaling.check(partial == 1, "partial_rotary_factor", "\(partial)", "1")
  }

  /// The frequency of each pair of columns, rounded to single precision as transformers keeps them.
  package func inverseFrequencies(headSize: Int, length: Int) -> [Float] {
    var base = theta
    let columns = rotatedColumns(headSize: headSize)
    if case .dynamic(let factor, let trained) = kind, length > trained {
      let d = Double(columns)
      base *= pow(factor * Double(length) / Double(trained) - (factor - 1), d / (d - 2))
    }
    return (0..<columns / 2).map { i in
      let frequency = Float(pow(base, -Double(2 * i) / Double(columns)))
      switch kind {
      case .plain, .dynamic: return frequency
      case .linear(let factor): return frequency / Float(factor)
      case .llama3(let factor, let low, let high, let trained):
        let wavelength = 2 * Double.pi / Double(frequency)
        if wavelength > Double(trained) / low { return frequency / Float(factor) }
        if wavelength < Double(trained) / high { return frequency }
        let smooth = (Double(trained) / wavelength - low) / (high - low)
        return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
      case .long(let short, let long, _, let trained):
        let divisors = length > trained ? long : short
        return 1 / (Float(divisors[i]) * Float(pow(base, Double(2 * i) / Double(columns))))
      }
    }
  }

  /// The number of columns of a head that are rotated, its first ones.
  func rotatedColumns(headSize: Int) -> Int { Int(Double(headSize) * share) }
}
