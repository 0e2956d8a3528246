import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors

/// The adapter that stands for all that hold the same update, whatever their gauge: its files depend on ΔW alone.
///
/// Every module gets the balanced factors of its singular value decomposition, signs, order and ties decided, rounded to 20
/// significant bits; the scale is 1. Components are first brought into an order of their own, free of powers of two and
/// signs, so that exchanging, flipping and scaling them by powers of two, padding with zeros and moving the scale between B
/// and α give the very same bytes. A gauge that was itself rounded to f32 gives factors equal to that rounding.
public struct CanonicalForm: Sendable {
  /// The adapter to write.
  public let draft: EditableAdapter

  /// Brings an adapter to its canonical form.
  ///
  /// - Throws: `CompressionError.nothingKept` where nothing of it has any size, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ adapter: StoredAdapter) throws {
    let stored = adapter.modules
    let modules = try concurrentMap(stored.count, "decomposing updates") {
      try Self.module(stored[$0])
    }
    .compactMap { $0 }
    guard !modules.isEmpty else {
      throw CompressionError.nothingKept(largest: 0, modules: stored.count)
    }
    let others = adapter.others.sorted { $0.name.text < $1.name.text }
    draft = EditableAdapter(
      modules: modules, others: others, config: Self.config(adapter.config))
  }

  /// What decides the update; how it was trained and what the base was called does not.
  private static func config(_ config: JSONObject) -> JSONObject {
    var result: JSONObject = [
      "peft_type": "LORA", "base_model_name_or_path": .null, "inference_mode": true,
    ]
    for key in [
      "task_type", "bias", "fan_in_fan_out", "modules_to_save", "use_dora",
      "trainable_token_indices", "ensure_weight_tying",
    ] {
      result[key] = config[key] ?? .null
    }
    result["bias"] = config["bias"] ?? "none"
    for key in ["fan_in_fan_out", "use_dora", "ensure_weight_tying"] {
      result[key] = config[key] ?? false
    }
    return result
  }

  private static func module(_ stored: StoredModule) throws -> EditableAdapter.Module? {
    let components = ExactComponents(
      up: try stored.upMatrix().scaled(by: stored.scale), down: try stored.downMatrix())
    // Of an update that is nothing, DoRA's magnitudes are left.
    let rest = stored.magnitudesAlone(scale: 1, as: .float32)
    guard let (up, down) = components.factors else { return rest }
    let update = try UpdateDecomposition(path: stored.path, up: up, down: down)
    let sized = update.truncated(to: update.sizedValues.count)
    guard !sized.values.isEmpty else { return rest }
    let (balancedUp, balancedDown) = try sized.withDecidedTies().withDecidedSigns()
      .balancedFactors
    return EditableAdapter.Module(
      path: stored.path, kind: stored.kind, down: rounded(balancedDown), up: rounded(balancedUp),
      scale: 1, magnitude: stored.magnitude)
  }

  /// A factor to 20 significant bits, so that what double precision rounds in the last places is gone.
  private static func rounded(_ matrix: HostMatrix<Double>) -> FactorMatrix {
    let numbers = matrix.elements.map { number -> Float in
      guard number != 0 else { return 0 }
      let grid = Double(sign: .plus, exponent: number.exponent - 19, significand: 1)
      return Float((number / grid).rounded() * grid)
    }
    return FactorMatrix(numbers, [matrix.rows, matrix.columns], as: .float32)
  }
}

extension UpdateDecomposition {
  /// The same with the largest entry of every right vector positive, the first of several as large.
  package func withDecidedSigns() -> UpdateDecomposition {
    var (left, right) = (left, right)
    for index in values.indices {
      let row = (0..<right.columns).map { right[index, $0] }
      let least = (row.map { abs($0) }.max() ?? 0) * (1 - 1e-6)
      guard let first = row.first(where: { abs($0) >= least }), first < 0 else { continue }
      for column in 0..<right.columns { right[index, column] *= -1 }
      for row in 0..<left.rows { left[row, index] *= -1 }
    }
    return UpdateDecomposition(path: path, left: left, values: values, right: right)
  }

  /// The same with the vectors of equal singular values, which any rotation leaves a decomposition, turned so that the
  /// right ones are in echelon form.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  package func withDecidedTies() throws(LinearAlgebraError) -> UpdateDecomposition {
    var (left, right, start) = (left, right, 0)
    while start < values.count {
      let end =
        values.indices[start...].first { values[$0] < values[start] * (1 - 1e-9) }
        ?? values.count
      if end - start > 1 {
        let block = right.rows(start..<end)
        // V_c = Q R with R upper trapezoidal: R is the echelon form, and Qᵀ the rotation.
        let rotation = try QRDecomposition(block).q.transposed
        let (turned, columns) = (
          rotation.multiplied(by: block),
          left.columns(start..<end).multiplied(by: rotation.transposed)
        )
        for index in start..<end {
          for column in 0..<right.columns { right[index, column] = turned[index - start, column] }
          for row in 0..<left.rows { left[row, index] = columns[row, index - start] }
        }
      }
      start = end
    }
    return UpdateDecomposition(path: path, left: left, values: values, right: right)
  }
}
