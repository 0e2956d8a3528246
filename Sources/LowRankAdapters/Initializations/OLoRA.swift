import LowRankTensors

/// OLoRA: the first columns and rows of a QR decomposition of W, whose product is then subtracted by a frozen copy.
///
/// `W = Q R`, `B = Q[:, :r]`, `A = R[:r, :]`; as in PEFT neither is divided by s. Büyükakyüz, arXiv 2406.01775.
public struct OLoRAStart: Initialization {
  /// An orthonormal B.
  public init() {}

  public var configurationValue: InitializationName { .named("olora") }
  public var isOffset: Bool { true }
  public var needs: StartNeeds { StartNeeds(weight: true) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let weight = try request.decomposable(by: "olora")
    let qr = try QRDecomposition(HostMatrix<Double>(widening: weight))
    return StartingFactors(
      down: qr.r.rows(0..<request.rank).elements.map { Float($0) },
      up: qr.q.columns(0..<request.rank).elements.map { Float($0) })
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "olora", title: "OLoRA",
      citation: "Büyükakyüz, \"OLoRA: Orthonormal Low-Rank Adaptation of Large Language Models\", "
        + "arXiv 2406.01775",
      equation: "W = Q R, B = Q[:, :r], A = R[:r, :], ΔW = s·(B A − B₀A₀)",
      mechanism: "B starts with orthonormal columns, so its directions are learned equally fast.",
      useWhen: "Choose it as PiSSA, when its decomposition takes too long.",
      peftType: "olora", laws: Set(Law.allCases))
  ) { _ in OLoRAStart() }
}
