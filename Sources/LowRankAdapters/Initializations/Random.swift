import LowRankTensors

/// LoRA's start as loralib and PEFT have it: A ~ U(−1/√n, 1/√n), B = 0.
public struct KaimingStart: Initialization {
  /// LoRA's usual start.
  public init() {}

  public var configurationValue: InitializationName { .flag(true) }
  public var fitsTables: Bool { true }

  public func factors(for request: StartRequest) -> StartingFactors {
    var random = request.random
    return StartingFactors(
      down: random.uniforms(
        request.rank * request.inputs, within: 1 / Float(request.inputs).squareRoot()),
      up: [Float](repeating: 0, count: request.outputs * request.rank))
  }
}

/// The paper's start: A ~ N(0, 1/r²), B = 0.
public struct GaussianStart: Initialization {
  /// The paper's start.
  public init() {}

  public var configurationValue: InitializationName { .named("gaussian") }
  public var fitsTables: Bool { true }

  public func factors(for request: StartRequest) -> StartingFactors {
    var random = request.random
    let deviation = 1 / Double(request.rank)
    return StartingFactors(
      down: (0..<request.rank * request.inputs).map { _ in Float(random.normal() * deviation) },
      up: [Float](repeating: 0, count: request.outputs * request.rank))
  }
}

extension KaimingStart {
  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "kaiming", title: "Uniform A, zero B",
      citation: "Hu et al., arXiv 2106.09685, as loralib and PEFT have it; "
        + "He et al., \"Delving Deep into Rectifiers\", arXiv 1502.01852",
      equation: "A ~ U(−1/√n, 1/√n), B = 0",
      mechanism: "A random A of the weight's own scale lets B learn from the first step on.",
      useWhen: "The default, as in PEFT.", peftType: "true", laws: Set(Law.allCases))
  ) { _ in KaimingStart() }
}

extension GaussianStart {
  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "gaussian", title: "Normal A, zero B", citation: "Hu et al., arXiv 2106.09685",
      equation: "A ~ N(0, 1/r²), B = 0",
      mechanism: "The entries of A shrink as the rank grows, whatever the number of inputs.",
      useWhen: "Choose it to repeat the paper's start, or PEFT's \"gaussian\".",
      peftType: "gaussian",
      laws: Set(Law.allCases))
  ) { _ in GaussianStart() }
}

/// PEFT's `init_lora_weights: false`, for tests: neither factor is zero, so a fresh adapter already changes the model.
public struct NonzeroStart: Initialization {
  /// A start where both factors are random.
  public init() {}

  public var configurationValue: InitializationName { .flag(false) }
  public var fitsTables: Bool { true }

  public func factors(for request: StartRequest) -> StartingFactors {
    var random = request.random
    return StartingFactors(
      down: random.uniforms(
        request.rank * request.inputs, within: 1 / Float(request.inputs).squareRoot()),
      up: random.uniforms(
        request.outputs * request.rank, within: 1 / Float(request.rank).squareRoot()))
  }
}
