import Foundation
import LowRankCheckpoints

extension AdapterForm {
  /// PEFT's files of a draft with one scale: α/r is that scale for every module.
  func peftFiles(of draft: EditableAdapter) throws -> Files {
    let (rank, scale) = (draft.rank, draft.commonScale)
    var (ranks, alphas) = (JSONObject(), JSONObject())
    for module in draft.modules where module.rank != rank {
      ranks[module.path] = .integer(module.rank)
      alphas[module.path] = .computed(scale * Double(module.rank))
    }
    return Files(
      weightsName: AdapterFolder.weightsName, tensors: Self.tensors(of: draft),
      config: Self.config(
        of: draft, rank: rank, alpha: scale * Double(rank), ranks: ranks, alphas: alphas))
  }

  /// PEFT's files with one α: the scale of a module is α/r_m in PEFT and in llama.cpp, and B makes up for the rest.
  func llamacppFiles(of draft: EditableAdapter) throws -> Files {
    guard draft.modules.allSatisfy({ $0.magnitude == nil }) else {
      throw AdapterError.cannotExpress(form: "llama.cpp", what: "DoRA's magnitudes")
    }
    // PEFT may save the table beside the factors of embeddings.
    if let copy = draft.others.first(where: \.isBaseCopy) {
      throw AdapterError.cannotExpress(
        form: "llama.cpp", what: "a copy of the base's weight, \(copy.name)")
    }
    if let name = draft.firstWhole {
      throw AdapterError.cannotExpress(form: "llama.cpp", what: name)
    }
    var draft = draft
    let alpha = draft.commonScale * Double(draft.rank)
    var ranks = JSONObject()
    draft.modules = try draft.modules.map { module in
      var module = module
      module.up = try module.up.scaled(by: module.scale * Double(module.rank) / alpha)
      if module.rank != draft.rank { ranks[module.path] = .integer(module.rank) }
      return module
    }
    return Files(
      weightsName: AdapterFolder.weightsName, tensors: Self.tensors(of: draft),
      config: Self.config(of: draft, rank: draft.rank, alpha: alpha, ranks: ranks, alphas: [:]))
  }

  private static func tensors(of draft: EditableAdapter) -> [TensorSource] {
    let wrapped = Set(draft.modules.map(\.path))
    return draft.modules.flatMap { module in
      let stem = AdapterFolder.prefix + module.path
      return [
        module.down.source(stem + module.kind.downSuffix),
        module.up.source(stem + module.kind.upSuffix),
      ]
        + (module.magnitude.map {
          [TensorSource($0, as: TensorName(stem + StoredModule.magnitudeSuffix))]
        } ?? [])
    } + draft.others.map { TensorSource($0, as: name(of: $0, wrapped)) }
      + draft.wholes.map { TensorSource($0.tensor, as: TensorName(AdapterFolder.prefix + $0.name)) }
  }

  /// The name of a base parameter in PEFT's file, which is one level deeper for modules that have factors.
  private static func name(of tensor: StoredTensor, _ wrapped: Set<String>) -> TensorName {
    let (text, infix) = (tensor.name.text, ".base_layer.")
    guard let range = text.range(of: infix),
      let path = TensorName(String(text[..<range.lowerBound])).droppingPrefix(AdapterFolder.prefix),
      !wrapped.contains(path.text)
    else { return tensor.name }
    return TensorName("\(text[..<range.lowerBound]).\(text[range.upperBound...])")
  }

  private static func config(
    of draft: EditableAdapter, rank: Int, alpha: Double, ranks: JSONObject, alphas: JSONObject
  ) -> JSONObject {
    var config = draft.config
    config["r"] = .integer(rank)
    config["lora_alpha"] = .computed(alpha)
    config["use_rslora"] = false
    config["rank_pattern"] = .object(ranks)
    config["alpha_pattern"] = .object(alphas)
    config["target_modules"] = .array(draft.modules.map { .string($0.path) })
    // PEFT initializes the factors before it loads them, and some initializations do not support every rank.
    if let start = config["init_lora_weights"]?.string, start != "gaussian" {
      config["init_lora_weights"] = true
      for key in ["eva_config", "lora_ga_config"] where config[key] != nil { config[key] = .null }
    }
    for key in ["exclude_modules", "layers_to_transform", "layers_pattern"] { config[key] = .null }
    return config
  }
}
