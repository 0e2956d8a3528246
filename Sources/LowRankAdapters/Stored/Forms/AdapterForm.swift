import LowRankCheckpoints
import LowRankTensors

/// How ranks and scales of an adapter are spelled, since engines read those of unequal modules differently.
public enum AdapterForm: String, Hashable, Sendable, CaseIterable {
  /// PEFT's patterns with one quotient α/r for all modules: right in PEFT, vLLM and mistral.rs.
  case peft
  /// One rank for all modules, smaller ones filled with zeros: right in every engine.
  case padded
  /// PEFT's rank pattern with one α: right in PEFT and, once converted, in llama.cpp.
  case llamacpp
  /// mlx-lm's adapter folder, of one rank and one scale.
  case mlx

  /// What a folder of this form holds.
  struct Files {
    let weightsName: String
    let tensors: [TensorSource]
    let config: JSONObject
  }

  func files(of draft: EditableAdapter) throws -> Files {
    switch self {
    case .peft: try peftFiles(of: draft.withCommonScale())
    case .padded: try peftFiles(of: draft.withCommonScale().padded())
    case .llamacpp: try llamacppFiles(of: draft)
    case .mlx: try mlxFiles(of: draft.withCommonScale().padded())
    }
  }
}

extension EditableAdapter {
  /// The draft with one scale, what it differs in folded into B.
  func withCommonScale() throws -> EditableAdapter {
    var draft = self
    let common = commonScale
    draft.modules = try modules.map { module in
      var module = module
      module.up = try module.up.scaled(by: module.scale / common)
      module.scale = common
      return module
    }
    return draft
  }

  /// The draft with one rank, zeros behind smaller ones.
  func padded() throws -> EditableAdapter {
    var draft = self
    let rank = rank
    draft.modules = try modules.map { module in
      var module = module
      module.down = try module.down.padded(to: [rank, module.down.shape[1]])
      module.up = try module.up.padded(to: [module.up.shape[0], rank])
      return module
    }
    return draft
  }
}
