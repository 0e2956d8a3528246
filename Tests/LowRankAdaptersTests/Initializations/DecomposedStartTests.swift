import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A start from a decomposed weight` {
  private let engine = ReferenceEngine()

  /// The weight and the starting `s·B A` of each `up_proj` of a tiny Llama, 12 × 8.
  private func starts(
    _ start: any Initialization, rank: Int = 3, alpha: Double? = nil
  ) throws -> [(weight: HostMatrix<Double>, up: HostMatrix<Double>, product: HostMatrix<Double>)] {
    let model = try TinyModels.llama(on: engine)
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: .lora(rank: rank, alpha: alpha, start: start))
    return try zip(adapter.sites, adapter.updates).map { site, update in
      let pair = try #require(update.pairs.first)
      func matrix(_ parameter: Parameter) -> HostMatrix<Double> {
        HostMatrix(
          engine.doubles(adapter.values[parameter]), rows: parameter.shape[0],
          columns: parameter.shape[1])
      }
      let weight = HostMatrix(
        engine.doubles(site.map.dense(model.store, engine)), rows: 12, columns: 8)
      let product = matrix(pair.up).multiplied(by: matrix(pair.down)).scaled(by: Double(site.scale))
      return (weight, matrix(pair.up), product)
    }
  }

  private func tail(_ weight: HostMatrix<Double>, after rank: Int) throws -> Double {
    let values = try SingularValueDecomposition(weight).values.dropFirst(rank)
    return values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test(arguments: [0, 8], [nil, 5.0, -2.0])
  func `of PiSSA is the best approximation of its rank`(niter: Int, alpha: Double?) throws {
    for (weight, _, product) in try starts(PiSSAStart(iterations: niter), alpha: alpha) {
      let rest = weight.subtracting(product).frobeniusNorm
      #expect(abs(rest - (try tail(weight, after: 3))) < 1e-6)
    }
  }

  @Test func `of MiLoRA is the smallest part of the spectrum`() throws {
    for (weight, _, product) in try starts(MiLoRAStart()) {
      let rest = try SingularValueDecomposition(weight.subtracting(product)).values
      let whole = try SingularValueDecomposition(weight).values
      for (a, b) in zip(rest, whole.prefix(5) + [0, 0, 0]) { #expect(abs(a - b) < 1e-6) }
    }
  }

  @Test func `of OLoRA has an orthonormal B that spans the first columns of W`() throws {
    for (weight, up, product) in try starts(OLoRAStart(), alpha: 3) {
      let gram = up.transposed.multiplied(by: up)
      for row in 0..<3 {
        for column in 0..<3 {
          #expect(abs(gram[row, column] - (row == column ? 1 : 0)) < 1e-6)
        }
      }
      #expect(
        weight.columns(0..<3).subtracting(product.columns(0..<3)).frobeniusNorm < 1e-5)
    }
  }

  @Test func `is randomised from the seed, and near the exact one after some iterations`() throws {
    let (exact, near) = (try starts(PiSSAStart()), try starts(PiSSAStart(iterations: 16)))
    let again = try starts(PiSSAStart(iterations: 16))
    for index in exact.indices {
      #expect(exact[index].product.subtracting(near[index].product).frobeniusNorm < 1e-4)
      #expect(near[index].product == again[index].product)
    }
  }

  @Test func `is refused where a rank is too large, or for a table of embeddings`() throws {
    let model = try TinyModels.llama(on: engine)
    for (start, name) in [
      (PiSSAStart() as any Initialization, "pissa"), (MiLoRAStart(), "milora"),
      (OLoRAStart(), "olora"),
    ] {
      #expect {
        try Adapter(
          on: model, targets: .named("up_proj"), update: .lora(rank: 9, start: start))
      } throws: {
        "\($0)".hasPrefix("rank is 9 for model.layers.0.mlp.up_proj, expected at most 8, ")
          && "\($0)".hasSuffix("for the start \(name)")
      }
      #expect {
        try Adapter(
          on: model, targets: .named("embed_tokens"), update: .lora(rank: 2, start: start))
      } throws: {
        "\($0)".contains("the start \(name) cannot adapt a table of embeddings")
      }
    }
  }
}
