import LowRankTensors
import LowRankTransformers

/// `s·(x Gᵀ diag(λ)) Uᵀ`, or `s·(x U diag(λ)) G` where there are more inputs than outputs.
///
/// Row k·bases + b of G is A[k]∘Γ[b]; column b·rank + k of U is B_b[:, k]. λ has the order of G.
struct RandLoRAUpdate: ProductUpdate {
  let path: String
  let dropout: Float
  let scale: Float
  let inputs, outputs: Int
  /// A and B, as all maps share them.
  let down, up: Parameter
  /// Λ, `[rank, bases]`.
  let lambda: Parameter
  /// Γ, `[bases, smaller extent]`.
  let gamma: Parameter
  let frozen: [Parameter]
  /// The modules under which PEFT saves what all share once more.
  let sharers: [String]
  var parameters: [Parameter] { [lambda, gamma] }

  var copies: [String] { sharers.flatMap { [$0 + ".randlora_A", $0 + ".randlora_B"] } }

  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    let own = (parameters + frozen).map {
      FactorTensor($0.path, $0.shape, engine.floats(values[$0]))
    }
    // The copies share their numbers in memory.
    let shared = own.dropFirst(parameters.count)
    return own
      + sharers.flatMap { path in
        zip(["randlora_A", "randlora_B"], shared).map { name, tensor in
          FactorTensor("\(path).\(name)", tensor.shape, tensor.values)
        }
      }
  }

  func product(_ x: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let (rank, bases) = (lambda.shape[0], lambda.shape[1])
    let width = rank * bases
    let (g, u) = (gained(pass), fixed(width, pass))
    let lambda = compute.reshaped(pass.value(lambda), to: [width])
    guard inputs > outputs else {
      let hidden = compute.scaledColumns(compute.product(x, g, transposingB: true), by: lambda)
      return compute.product(hidden, u, transposingB: true, scale: scale)
    }
    let hidden = compute.scaledColumns(compute.product(x, u), by: lambda)
    return compute.product(hidden, g, scale: scale)
  }

  /// `U diag(λ)` and G, or their transposes where there are more inputs than outputs.
  func formTerms(_ pass: Pass) -> [LowRankTerm]? {
    let compute = pass.compute
    let width = lambda.shape.count
    let lambda = compute.reshaped(pass.value(lambda), to: [width])
    let (g, u) = (gained(pass), compute.scaledColumns(fixed(width, pass), by: lambda))
    return [
      inputs > outputs
        ? LowRankTerm(down: compute.transposed(u), up: compute.transposed(g), scale: scale)
        : LowRankTerm(down: g, up: u, scale: scale)
    ]
  }

  /// G, f32 `[rank · bases, smaller extent]`.
  private func gained(_ pass: Pass) -> Tensor {
    let (compute, engine) = (pass.compute, pass.compute.engine)
    let (rank, bases) = (lambda.shape[0], lambda.shape[1])
    let down = pass.value(down).viewed(as: [rank, self.down.shape[2]])
      .leading(columns: gamma.shape[1], engine)
    let pairs = (0..<Int32(rank)).flatMap { k in (0..<Int32(bases)).map { (k, $0) } }
    func rows(_ numbers: [Int32]) -> Tensor { engine.tensor(numbers, [numbers.count]) }
    return compute.multiply(
      compute.rows(of: pass.value(gamma), at: rows(pairs.map(\.1)), type: .float32),
      engine.rows(of: down, at: rows(pairs.map(\.0)), type: .float32))
  }

  /// U, `[larger extent, rank · bases]`.
  private func fixed(_ width: Int, _ pass: Pass) -> Tensor {
    let all = up.shape[1] * up.shape[2]
    return pass.value(up).viewed(as: [up.shape[0], all]).leading(rows: max(inputs, outputs))
      .leading(columns: width, pass.compute.engine)
  }
}
