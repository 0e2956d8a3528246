import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// TT-LoRA: ΔW as a train of small tensors, `ΔW[i₁…i_d, j₁…j_d] = s·G₁[i₁] ⋯ G_d[i_d] H₁[j₁] ⋯ H_d[j_d]`.
///
/// The outputs are divided into modes `m = m₁ ⋯ m_d`, the inputs into `n = n₁ ⋯ n_d`. A core G_k is `[r, m_k, r]`, with
/// ranks of 1 at both ends of the train and never more than the modes on one side allow. The modes of the outputs come before
/// those of the inputs, so that ΔW is a product of B `[outputs, rank]` and A `[rank, inputs]`. G₁ starts at zero, the others
/// are normal so that A has the variance of LoRA's. Anjum et al., "Tensor Train Low-rank Approximation (TT-LoRA)",
/// arXiv 2408.01008.
public struct TTLoRA: Method {
  /// The modes that outputs are divided into, and inputs.
  public var modes: Int
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// TT-LoRA with a number of modes and a dropout.
  public init(modes: Int = 3, dropout: Double = 0) { (self.modes, self.dropout) = (modes, dropout) }

  public var name: String { "TT" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject {
    ["lora_dropout": .exact(dropout), "tt_modes": .integer(modes)]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    TTLoRA(
      modes: try config.integer("tt_modes", default: 3),
      dropout: try config.double("lora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    sites.map { site in
      let train = TrainShape(
        outputs: site.map.outputs, inputs: site.map.inputs, rank: site.rank, modes: modes)
      var random = factory.random(for: site.path)
      func cores(_ name: String, _ shapes: [Shape], _ role: Parameter.Role, isInput: Bool)
        -> [Parameter]
      {
        shapes.enumerated().map { index, shape in
          // Sums over the rank on one side keep the variance; that of A is LoRA's, 1/3n.
          let variance =
            !isInput
            ? (index == 0 ? 0 : 1 / Double(shape[0]))
            : index == shapes.count - 1
              ? 1 / Double(3 * site.map.inputs) : 1 / Double(shape[2])
          return factory.parameter(
            "\(name)\(index + 1)", shape, role: role, of: site.path,
            startingAt: random.normals(shape.count, deviation: variance.squareRoot()))
        }
      }
      return TTUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        outputs: cores("tt_G", train.outputs, .up, isInput: false),
        inputs: cores("tt_H", train.inputs, .down, isInput: true))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "tt", title: "TT-LoRA",
      citation: "Anjum et al., \"Tensor Train Low-rank Approximation (TT-LoRA): Democratizing AI "
        + "with Accelerated LLMs\", arXiv 2408.01008",
      equation: "ΔW[i₁…i_d, j₁…j_d] = s·G₁[i₁] ⋯ G_d[i_d] H₁[j₁] ⋯ H_d[j_d], G₁ from 0",
      mechanism: "The long factors of a LoRA are trains of small tensors themselves.",
      useWhen: "Choose it for very small adapters of single maps, with a larger rank than LoRA's.",
      options: [
        .integer(
          "modes", default: 3, in: 1...8,
          "The modes that outputs are divided into, and inputs; 1 is LoRA."),
        .updateDropout,
      ],
      parameters: .init("L Σ_k r_{k−1} d_k r_k over the modes d_k of outputs and inputs") {
        m, n, r, layers in
        let train = TrainShape(outputs: m, inputs: n, rank: r, modes: 3)
        return layers * (train.outputs + train.inputs).reduce(0) { $0 + $1.count }
      },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { TTLoRA(modes: $0.integer("modes"), dropout: $0.number("dropout")) }
}

/// The shapes of the cores of a tensor train.
struct TrainShape {
  /// `[r_{k−1}, m_k, r_k]`, from the ends of the outputs to the middle.
  let outputs: [Shape]
  /// `[r_{k−1}, n_k, r_k]`, from the middle to the end of the inputs.
  let inputs: [Shape]

  init(outputs: Int, inputs: Int, rank: Int, modes: Int) {
    let middle = min(rank, outputs, inputs)
    func shapes(_ count: Int) -> [Shape] {
      var (before, product) = (1, 1)
      let sizes = Self.divided(count, into: modes)
      return sizes.enumerated().map { index, size in
        product *= size
        let after = index == modes - 1 ? middle : min(rank, product, count / product * middle)
        defer { before = after }
        return [before, size, after]
      }
    }
    self.outputs = shapes(outputs)
    self.inputs = shapes(inputs).reversed().map { [$0[2], $0[1], $0[0]] }
  }

  /// A number as a product of factors as equal as its divisors allow, smallest first.
  static func divided(_ number: Int, into count: Int) -> [Int] {
    var (rest, primes, divisor) = (number, [Int](), 2)
    while divisor * divisor <= rest {
      while rest.isMultiple(of: divisor) {
        primes.append(divisor)
        rest /= divisor
      }
      divisor += 1
    }
    if rest > 1 { primes.append(rest) }
    var factors = [Int](repeating: 1, count: count)
    for prime in primes.reversed() {
      let smallest = factors.indices.min { factors[$0] < factors[$1] } ?? 0
      factors[smallest] *= prime
    }
    return factors.sorted()
  }
}

private struct TTUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// G and H.
  let outputs, inputs: [Parameter]
  var parameters: [Parameter] { outputs + inputs }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    let compute = pass.compute
    func matrix(_ x: Tensor, _ rows: Int, _ columns: Int) -> Tensor {
      compute.reshaped(x, to: [rows, columns])
    }
    // B: from the first core on, [m₁ ⋯ m_k, r_k].
    var up = matrix(pass.value(outputs[0]), outputs[0].shape[1], outputs[0].shape[2])
    for core in outputs.dropFirst() {
      let (before, size, after) = (core.shape[0], core.shape[1], core.shape[2])
      let wide = compute.product(
        up, matrix(pass.value(core), before, size * after), type: .float32)
      up = matrix(wide, wide.shape[0] * size, after)
    }
    // A: from the last core back, [r_{k−1}, n_k ⋯ n_d].
    guard let last = inputs.last else { preconditionFailure("a train without cores") }
    var down = matrix(pass.value(last), last.shape[0], last.shape[1])
    for core in inputs.dropLast().reversed() {
      let (before, size, after) = (core.shape[0], core.shape[1], core.shape[2])
      let tall = compute.product(
        matrix(pass.value(core), before * size, after), down, type: .float32)
      down = matrix(tall, before, size * tall.shape[1])
    }
    return (down, up)
  }
}
