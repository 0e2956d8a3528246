import LowRankTensors
import LowRankTransformers

/// One of the two matrices of a Kronecker product: whole, or a product of two factors.
enum KroneckerPart: Sendable {
  /// A matrix.
  case whole(Parameter)
  /// `up · down`.
  case product(FactorPair)

  var parameters: [Parameter] {
    switch self {
    case .whole(let matrix): [matrix]
    case .product(let pair): [pair.up, pair.down]
    }
  }

  var pair: FactorPair? { if case .product(let pair) = self { pair } else { nil } }

  /// The whole matrix, f32.
  func value(_ pass: Pass) -> Tensor {
    switch self {
    case .whole(let matrix): pass.value(matrix)
    case .product(let pair):
      pass.compute.product(pass.value(pair.up), pass.value(pair.down), type: .float32)
    }
  }
}

/// `(C ⊗ D) x = C X Dᵀ` for X `[n₁, n₂]`, the numbers of x row by row.
struct LoKrUpdate: ProductUpdate {
  let path: String
  let dropout: Float = 0
  let scale: Float
  /// C.
  let outer: KroneckerPart
  /// D.
  let inner: KroneckerPart

  var parameters: [Parameter] { outer.parameters + inner.parameters }
  var pairs: [FactorPair] { [outer.pair, inner.pair].compactMap(\.self) }

  /// `x ΔWᵀ`: D, or its first factor, is applied to pieces of x, C to the result turned, then D's other factor.
  func product(_ x: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let rows = x.shape.rows
    let outer = outer.value(pass)
    let (outputs, inputs) = (outer.shape[0], outer.shape[1])
    let (down, up): (Tensor, Tensor?) =
      switch inner {
      case .whole(let matrix): (pass.value(matrix), nil)
      case .product(let pair): (pass.value(pair.down), pass.value(pair.up))
      }
    let width = down.shape[0]
    let pieces = compute.reshaped(x, to: [rows * inputs, x.shape.columns / inputs])
    let narrow = compute.product(pieces, down, transposingB: true, scale: scale)
    let turned = compute.transposed(compute.reshaped(narrow, to: [rows, inputs * width]))
    let mixed = compute.product(outer, compute.reshaped(turned, to: [inputs, width * rows]))
    let back = compute.transposed(compute.reshaped(mixed, to: [outputs * width, rows]))
    guard let up else { return back }
    let wide = compute.product(
      compute.reshaped(back, to: [rows * outputs, width]), up, transposingB: true)
    return compute.reshaped(wide, to: [rows, outputs * up.shape[0]])
  }
}
