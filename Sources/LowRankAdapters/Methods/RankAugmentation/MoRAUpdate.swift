import Foundation
import LowRankTensors
import LowRankTransformers

/// How MoRA brings inputs to the width of its matrix, and the matrix's outputs to those of the map.
public enum MoRAFolding: Int, Hashable, Sendable {
  /// Pieces of x are added up, and the output is repeated: the authors' type 1.
  case sharing = 1
  /// Every piece of x is rotated by its place and multiplied by the matrix: the authors' type 6.
  case rotating = 6
}

/// The fixed maps of MoRA around its matrix.
///
/// x is taken in pieces of the width k of M, the last one filled up with the first numbers of x.
struct MoRAUpdate: ProductUpdate {
  let path: String
  let dropout: Float
  let folding: MoRAFolding
  let inputs, outputs: Int
  /// M, `[k, k]`.
  let matrix: Parameter
  var parameters: [Parameter] { [matrix] }

  private var size: Int { matrix.shape[0] }
  private var pieces: Int { (inputs + size - 1) / size }

  func product(_ x: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let rows = x.shape.rows
    // Columns are chosen as rows of the transpose.
    let columns = compute.transposed(x)
    let filled = choose(pieces * size, from: columns, pass)
    switch folding {
    case .sharing:
      let ones = compute.engine.filled(1, [1, pieces])
      let sums = compute.product(ones, compute.reshaped(filled, to: [pieces, size * rows]))
      let y = compute.product(pass.value(matrix), compute.reshaped(sums, to: [size, rows]))
      return compute.transposed(choose(outputs, from: y, pass))
    case .rotating:
      let split = compute.reshaped(compute.transposed(filled), to: [rows * pieces, size])
      let y = compute.product(rotated(split, pass), pass.value(matrix), transposingB: true)
      let wide = compute.transposed(compute.reshaped(y, to: [rows, pieces * size]))
      return compute.transposed(choose(outputs, from: wide, pass))
    }
  }

  /// So many rows of a matrix, from the first one on and again once there are no more.
  private func choose(_ count: Int, from table: Tensor, _ pass: Pass) -> Tensor {
    let height = Int32(table.shape.rows)
    guard count != table.shape.rows else { return table }
    let numbers = (0..<Int32(count)).map { $0 % height }
    return pass.compute.rows(
      of: table, at: pass.compute.engine.tensor(numbers, [count]), type: table.type)
  }

  /// The pieces `[rows · pieces, k]`, each turned as a position of a rotary embedding.
  private func rotated(_ split: Tensor, _ pass: Pass) -> Tensor {
    let (engine, half) = (pass.compute.engine, size / 2)
    func table(_ function: (Double) -> Double) -> Tensor {
      engine.tensor(
        (0..<pieces).flatMap { piece in
          (0..<half).map {
            Float(function(Double(piece) * pow(10_000, -Double(2 * $0) / Double(size))))
          }
        }, [pieces, half], type: .float32)
    }
    let positions = (0..<Int32(split.shape.rows)).map { $0 % Int32(pieces) }
    return pass.compute.rotary(
      split, headSize: size, positions: engine.tensor(positions, [positions.count]),
      table: RotaryTable(cosine: table(cos), sine: table(sin)))
  }
}
