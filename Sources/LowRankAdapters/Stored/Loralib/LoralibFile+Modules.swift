import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension LoralibFile {
  /// The modules with factors as PEFT has them, whose products are loralib's.
  ///
  /// - Throws: `AdapterError` where shapes are not those of the base, or the settings do not explain them.
  func modules(_ settings: LoralibSettings) throws -> [StoredModule] {
    try pairs.map { pair in
      let scale = settings.alpha / Double(pair.up.shape[1])
      switch pair.place {
      case .embedding(let table):
        let (tokens, width) = (table.weight.shape[0], table.weight.shape[1])
        try check(pair, inputs: tokens, outputs: width)
        return StoredModule(
          path: pair.path, kind: .embedding, down: FactorMatrix(pair.down),
          up: FactorMatrix(pair.up),
          magnitude: nil, scale: scale)
      case .linear(let map):
        let up = try up(of: pair, inputs: map.inputs, outputs: map.outputs, settings.enabled)
        return StoredModule(
          path: pair.path, kind: .linear, down: FactorMatrix(pair.down), up: up, magnitude: nil,
          scale: scale)
      case .plain:
        throw AdapterError.unexpectedTensors(
          file: file.url.relativePath, names: [pair.down.name.text])
      }
    }
  }

  /// B of a module: as it is stored, or for a fused map with the B of each part in rows and columns of its own.
  private func up(
    of pair: Pair, inputs: Int, outputs: Int, _ enabled: [Bool]?
  ) throws -> FactorMatrix {
    let (rank, rows) = (pair.up.shape[1], pair.up.shape[0])
    guard pair.down.shape[0] != rank || rows != outputs else {
      try check(pair, inputs: inputs, outputs: outputs)
      return FactorMatrix(pair.up)
    }
    let parts = pair.down.shape[0] / rank
    guard pair.down.shape == [parts * rank, inputs], rows.isMultiple(of: parts),
      outputs.isMultiple(of: rows / parts), parts <= outputs / (rows / parts)
    else { throw misshapen(pair, inputs, outputs) }
    let count = outputs / (rows / parts)
    // Where every part is adapted, there is nothing to choose.
    let enabled = enabled ?? (parts == count ? Array(repeating: true, count: count) : nil)
    guard let enabled else {
      throw AdapterError.unsaid(
        file: file.url.relativePath, key: "enable_lora",
        why:
          "\(parts) of \(count) parts of \(pair.path) are adapted, and the file does not say which, such as q,v"
      )
    }
    guard enabled.count == count, enabled.count(where: \.self) == parts else {
      throw AdapterError.invalid(
        key: "enable_lora", value: "for \(enabled.count(where: \.self)) of \(enabled.count) parts",
        expected: "\(parts) of \(count), by the factors of \(pair.path)")
    }
    let stored = try StoredModule.numbers(of: pair.up)
    let (part, columns) = (outputs / count, parts * rank)
    var numbers = [Float](repeating: 0, count: outputs * columns)
    for (group, place) in enabled.indices.filter({ enabled[$0] }).enumerated() {
      for row in 0..<part {
        let (from, to) = (
          (group * part + row) * rank, (place * part + row) * columns + group * rank
        )
        numbers.replaceSubrange(to..<to + rank, with: stored[from..<from + rank])
      }
    }
    return FactorMatrix(numbers, [outputs, columns], as: pair.up.type)
  }

  private func check(_ pair: Pair, inputs: Int, outputs: Int) throws(AdapterError) {
    let rank = pair.up.shape[1]
    guard pair.down.shape == [rank, inputs], pair.up.shape == [outputs, rank] else {
      throw misshapen(pair, inputs, outputs)
    }
  }

  private func misshapen(_ pair: Pair, _ inputs: Int, _ outputs: Int) -> AdapterError {
    .misshapenTensor(
      file: file.url.relativePath, name: pair.down.name.text,
      found: "\(pair.down.shape) beside \(pair.up.shape)",
      expected: "factors of \(inputs) inputs and \(outputs) outputs, as the model has")
  }
}
