import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// An adapter folder of factors made by a test, in a temporary place.
package final class MadeAdapter {
  package let url = FileManager.default.temporaryDirectory.appending(
    path: "lowrank-adapter-\(UUID())")

  /// Factors of one module.
  package struct Module {
    package var path: String
    package var up: HostMatrix<Double>
    package var down: HostMatrix<Double>
    package var scale: Double

    package init(
      path: String, up: HostMatrix<Double>, down: HostMatrix<Double>, scale: Double = 2
    ) {
      (self.path, self.up, self.down, self.scale) = (path, up, down, scale)
    }
  }

  /// - Parameters:
  ///   - magnitudes: whether every module has some, as DoRA.
  ///   - magnitude: the number that all of them are.
  ///   - bias: a tensor that was trained whole, beside the factors.
  ///   - base: the fingerprint of the base.
  ///   - classes: the names of the adapter's classes, in order.
  package init(
    _ modules: [Module], as type: StoredType = .float32, magnitudes: Bool = false,
    magnitude: Float = 1,
    bias: [Float]? = nil, base: String? = nil, classes: [String]? = nil
  ) throws {
    let draft = EditableAdapter(
      modules: modules.map { module in
        EditableAdapter.Module(
          path: module.path, kind: .linear, down: Self.factor(module.down, type),
          up: Self.factor(module.up, type), scale: module.scale)
      },
      config: [
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "use_dora": .bool(magnitudes),
      ], metadata: Self.metadata(base, classes))
    try publishFolder(at: url) { folder in
      try draft.write(as: .peft, into: folder)
      let file = folder.appending(path: "adapter_model.safetensors")
      let written = try SafetensorsFile(at: file)
      var tensors = written.tensors.map { TensorSource($0) }
      if magnitudes {
        tensors += modules.map { module in
          TensorSource(
            TensorName("base_model.model.\(module.path).lora_magnitude_vector"),
            [module.up.rows], floats: Array(repeating: magnitude, count: module.up.rows))
        }
      }
      if let bias {
        tensors.append(TensorSource("base_model.model.lm_head.bias", [bias.count], floats: bias))
      }
      let whole = folder.appending(path: "whole")
      try SafetensorsFile.write(tensors, metadata: written.metadata, to: whole)
      try FileManager.default.removeItem(at: file)
      try FileManager.default.moveItem(at: whole, to: file)
    }
  }

  private static func metadata(_ base: String?, _ classes: [String]?) -> JSONObject {
    guard base != nil || classes != nil else { return ["format": "pt"] }
    var facts: JSONObject = [
      "version": "0.1.0", "base_fingerprint": base.map { .string($0) } ?? .null,
    ]
    if let classes {
      let names = classes.enumerated().map { ("\($0.offset)", JSONValue.string($0.element)) }
      facts["task"] = ["id2label": .object(JSONObject(names))]
    }
    return ["format": "pt", "lowrank": .string(JSONValue.object(facts).text())]
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package func stored() throws -> StoredAdapter { try StoredAdapter(at: url) }

  private static func factor(_ matrix: HostMatrix<Double>, _ type: StoredType) -> FactorMatrix {
    FactorMatrix(matrix.elements.map { Float($0) }, [matrix.rows, matrix.columns], as: type)
  }

  /// Three modules of unequal shapes and sizes, of rank 6.
  package static func random(as type: StoredType = .float32) throws -> MadeAdapter {
    try MadeAdapter(
      [(40, 30, 1.0), (24, 30, 0.3), (30, 50, 3)].enumerated().map { index, shape in
        Module(
          path: "model.layers.\(index).self_attn.q_proj",
          up: noise(shape.0, 6, seed: UInt64(2 * index)) * shape.2,
          down: noise(6, shape.1, seed: UInt64(2 * index + 1)))
      }, as: type)
  }
}

extension StoredAdapter {
  /// The dense scaled updates by path.
  package func updates() throws -> [String: HostMatrix<Double>] {
    var updates: [String: HostMatrix<Double>] = [:]
    for module in modules {
      updates[module.path] =
        try module.upMatrix().multiplied(by: module.downMatrix()) * module.scale
    }
    return updates
  }

  /// Σ‖ΔW − ΔW'‖² over all modules, those absent from the other being zero there.
  package func squaredDistance(to other: StoredAdapter) throws -> Double {
    let others = try other.updates()
    return try updates().reduce(0) { sum, entry in
      sum + (others[entry.key].map { entry.value - $0 } ?? entry.value).energy
    }
  }
}

extension FactorMatrix {
  /// The bytes of the file that holds it.
  package var bytes: [UInt8]? { stored.map { Array($0.borrowedBytes) } }
}
