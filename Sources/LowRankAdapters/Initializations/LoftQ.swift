import Foundation
import LowRankTensors
import LowRankTransformers
import Synchronization

/// LoftQ on a base that is quantised already: `s·B A` starts at the best approximation of what quantisation took away.
///
/// With Q the weight of the base and W that of a dense model, `W − Q = U Σ Vᵀ`, `B = U_r √(Σ_r/s)`, `A = √(Σ_r/s) V_rᵀ`. Nothing is
/// subtracted again, so that a fresh adapter already brings the base nearer to the dense model. A weight that lost nothing starts as
/// LoRA's do. Li et al., "LoftQ: LoRA-Fine-Tuning-Aware Quantization for Large Language Models", ICLR 2024, arXiv 2310.08659,
/// which also chooses Q; that of a GGUF file is fixed.
public struct LoftQStart: Initialization {
  private let weight: @Sendable (StartRequest) throws -> HostMatrix<Float>

  /// The start that corrects the weights of a base by those of a dense model: a folder or a GGUF file.
  public init(dense: URL) {
    let model = DenseModel(at: dense)
    self.init { try model.weight(for: $0) }
  }

  /// The start that corrects the weights of a base by others.
  package init(weight: @escaping @Sendable (StartRequest) throws -> HostMatrix<Float>) {
    self.weight = weight
  }

  public var configurationValue: InitializationName { .named("loftq") }
  public var changesModel: Bool { true }
  public var needs: StartNeeds { StartNeeds(weight: true) }

  /// - Throws: `StartError` where the dense model lacks the map, `AdapterError.invalid` where the rank is
  ///   too large for the map, `LinearAlgebraError`, and what opening the dense model throws.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let quantised = try request.decomposable(by: "loftq")
    let difference = try weight(request).subtracting(quantised)
    // Files of few bits keep some weights as they were.
    guard difference.frobeniusNorm > 0 else { return KaimingStart().factors(for: request) }
    let svd = try LeadingSingularVectors(
      request.rank, of: HostMatrix<Double>(widening: difference), oversampling: 2 * request.rank,
      iterations: 8)
    return request.factors(svd.left, svd.values, svd.right)
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "loftq", title: "LoftQ",
      citation: "Li et al., \"LoftQ: LoRA-Fine-Tuning-Aware Quantization for Large Language "
        + "Models\", ICLR 2024, arXiv 2310.08659",
      equation:
        "W − Q = U Σ Vᵀ, B = U_r √(Σ_r/s), A = √(Σ_r/s) V_rᵀ, with Q of the base, W of the dense "
        + "model",
      mechanism: "The adapter begins by making up for what quantisation took away.",
      useWhen:
        "Choose it on a GGUF file of few bits where the dense model is at hand; the validation "
        + "loss falls before the first step.",
      options: [
        .path(
          "dense", "The dense model that the base was quantised from: a folder or a GGUF file.")
      ], laws: Set(Law.allCases).subtracting([.freshIsSilent]))
  ) { LoftQStart(dense: URL(filePath: $0.path("dense"))) }
}

/// A model that is opened when its first weight is asked for.
private final class DenseModel: Sendable {
  let url: URL
  private let opened = Mutex<(model: Model, maps: [String: any LinearMap])?>(nil)

  init(at url: URL) { self.url = url }

  /// The weight of the outputs that a start is asked for.
  ///
  /// - Throws: `StartError` where the model has no such map, and what opening it throws.
  func weight(for request: StartRequest) throws -> HostMatrix<Float> {
    let (model, maps) = try opened.withLock { opened in
      if let opened { return opened }
      let model = try Model(
        from: url, precision: .float32, engine: CPUEngine(), keepsStored: true)
      var maps: [String: any LinearMap] = [:]
      model.architecture.places { site, place in
        if case .linear(let map) = place { maps[site.path] = map }
      }
      opened = (model, maps)
      return (model, maps)
    }
    let range = request.slice ?? 0..<request.outputs
    guard let map = maps[request.path], map.inputs == request.inputs,
      request.slice == nil ? map.outputs == request.outputs : map.outputs >= range.upperBound
    else { throw StartError.notInDense("loftq", request.path, url.relativePath) }
    return HostMatrix(
      model.engine.floats(map.dense(rows: range, model.store, model.engine)), rows: range.count,
      columns: request.inputs)
  }
}
