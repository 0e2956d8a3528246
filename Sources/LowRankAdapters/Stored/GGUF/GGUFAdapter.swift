import Foundation
import LowRankCheckpoints
import LowRankTensors

/// What llama.cpp's adapter files call things.
enum GGUFAdapter {
  static let downSuffix = ".lora_a"
  static let upSuffix = ".lora_b"
  static let alphaKey = "adapter.lora.alpha"
  static let invocationKey = "adapter.alora.invocation_tokens"
  /// Our own notes, which llama.cpp does not read.
  static let factsKey = "lowrank.facts"
}

extension EditableAdapter {
  /// Writes llama.cpp's adapter file, which somebody else publishes, reads it back and compares.
  ///
  /// llama.cpp's scale is `alpha / rank` with the rank of each tensor, or 1 where alpha is 0. Where all modules have one
  /// `s·r` that alpha holds in single precision, alpha is that and the factors are copied, whatever their ranks. Otherwise
  /// alpha is 0 and s is folded into B, in F32, so that ranks and scales may differ as they like: exact where s is a power
  /// of two, and rounded once in single precision elsewhere.
  ///
  /// - Parameter model: the folder of the base, whose `config.json` names the architecture and its heads.
  /// - Throws: `AdapterError` where the format cannot hold the adapter; `FileError`, `JSONError`.
  public func writeGGUF(to url: URL, model: URL) throws {
    let base = try GGUFBase(model: model)
    try check(base)
    let alpha = sharedAlpha
    var tensors: [TensorSource] = []
    for module in modules {
      guard let name = base.architecture.name(of: module.path) else {
        throw AdapterError.cannotExpress(form: "llama.cpp", what: "an update of \(module.path)")
      }
      let source = model.relativePath
      let heads = try base.interleavedHeads(
        of: module.path, rows: module.up.shape[0], in: source)
      let folded =
        alpha == nil ? try module.up.scaled(by: module.scale, as: .float32) : module.up
      let up = try heads.map { try folded.arranged(.interleaved(heads: $0)) } ?? folded
      tensors.append(try module.down.inGGUF().source(name + GGUFAdapter.downSuffix))
      tensors.append(try up.inGGUF().source(name + GGUFAdapter.upSuffix))
    }
    try GGUFFile.write(tensors, metadata: metadata(base, alpha ?? 0), to: url)
    var written: [TensorName: StoredTensor] = [:]
    for tensor in try GGUFFile(at: url).tensors { written[tensor.name] = tensor }
    for tensor in tensors {
      guard let stored = written[tensor.name], try tensor.isStored(as: stored) else {
        throw AdapterError.savedOtherwise(file: url.relativePath, name: tensor.name.text)
      }
    }
  }

  /// Refuses by name what the format has no place for.
  private func check(_ base: GGUFBase) throws(AdapterError) {
    func refuse(_ what: String) -> AdapterError { .cannotExpress(form: "llama.cpp", what: what) }
    if let name = firstWhole { throw refuse(name) }
    for module in modules {
      guard module.magnitude == nil else { throw refuse("DoRA's magnitudes") }
      // Its update of a table of embeddings would also change a head that shares it.
      guard module.kind == .linear else {
        throw refuse("the update of the embedding \(module.path)")
      }
      guard module.path != "lm_head" || !base.sharesHead else {
        throw refuse("an update of lm_head alone, which shares its weight with the embedding")
      }
    }
  }

  /// The alpha that gives every module its scale, exactly in single precision; none where there is no such number.
  private var sharedAlpha: Float? {
    let alphas = modules.map { $0.scale * Double($0.rank) }
    guard let first = alphas.first, first != 0, Float(first).isFinite,
      alphas.allSatisfy({ abs($0 - Double(Float(first))) <= 1e-12 * abs(first) })
    else { return nil }
    return Float(first)
  }

  private func metadata(_ base: GGUFBase, _ alpha: Float) -> [(String, GGUFValue)] {
    let note = self.metadata[AdapterFacts.metadataKey]?.string
    return [
      ("general.type", .string("adapter")), ("adapter.type", .string("lora")),
      (GGUFAdapter.alphaKey, .float32(alpha)),
    ] + base.metadata + (note.map { [(GGUFAdapter.factsKey, .string($0))] } ?? [])
  }
}

extension FactorMatrix {
  /// The factor in a type that GGUF has.
  fileprivate func inGGUF() throws -> FactorMatrix {
    switch type {
    case .float32, .float16, .bfloat16: self
    default: FactorMatrix(try values(), shape, as: .float32)
    }
  }
}
