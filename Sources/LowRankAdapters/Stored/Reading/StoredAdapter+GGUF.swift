import Foundation
import LowRankCheckpoints
import LowRankKeys
import LowRankTensors

extension StoredAdapter {
  /// Opens llama.cpp's file: `s = alpha / rank` with the rank of each tensor, or 1 where alpha is 0 or missing.
  ///
  /// - Parameter ordersRows: whether rows are brought into PEFT's order, for which the number of heads must be known.
  static func readingGGUF(_ url: URL, model: URL?, ordersRows: Bool = true) throws -> StoredAdapter
  {
    let file = try GGUFFile(at: url)
    let source = url.relativePath
    try check(file, source)
    let key = GGUFAdapter.invocationKey
    if file[key] != nil {
      throw AdapterError.unsupported(file: source, key: key, value: "set")
    }
    let base = try model.map { try GGUFBase(model: $0) } ?? GGUFBase(metadata: file)
    let name = file[GGUFBase.architectureKey]?.string ?? ""
    guard name == base.architecture.rawValue else {
      throw AdapterError.invalid(
        key: "\(source): \"\(GGUFBase.architectureKey)\"", value: "\"\(name)\"",
        expected: "\"\(base.architecture.rawValue)\" as the model's")
    }
    let alpha = file[GGUFAdapter.alphaKey]?.double ?? 0
    guard alpha.isFinite else {
      throw AdapterError.invalid(
        key: "\(source): \"\(GGUFAdapter.alphaKey)\"", value: "\(alpha)",
        expected: "a finite number")
    }
    let modules = try modules(of: file, base, alpha: alpha, ordersRows: ordersRows)
    let note = file[GGUFAdapter.factsKey]?.string
    let metadata: JSONObject = note.map { [AdapterFacts.metadataKey: .string($0)] } ?? [:]
    let rank = modules.map(\.rank).max() ?? 0
    return try StoredAdapter(
      url, .gguf, modules,
      config: peftConfig(
        rank: rank, alpha: alpha == 0 ? Double(rank) : alpha, paths: modules.map(\.path)),
      metadata: metadata, facts: AdapterFacts(metadata: metadata, file: source))
  }

  /// Refuses a file that holds something else than a low-rank adapter.
  private static func check(_ file: GGUFFile, _ source: String) throws(GGUFError) {
    let type = file["general.type"]?.string
    guard type == "adapter" else {
      // Files of early converters do not say what they hold.
      let isModel = type == "model" || type == nil && file[GGUFBase.architectureKey] != nil
      throw GGUFError(
        source,
        isModel
          ? "the file holds a model, not an adapter: give it as \(setting: "model"), and an adapter's folder or file in its place"
          : "the file holds no adapter: \"general.type\" is \(type.map { "\"\($0)\"" } ?? "missing"), expected \"adapter\""
      )
    }
    guard let kind = file["adapter.type"]?.string, kind == "lora" else {
      let found = file["adapter.type"]?.string.map { "\"\($0)\"" } ?? "missing"
      throw GGUFError(
        source,
        "the adapter is not one of low rank: \"adapter.type\" is \(found), expected \"lora\"")
    }
  }

  private static func modules(
    of file: GGUFFile, _ base: GGUFBase, alpha: Double, ordersRows: Bool
  ) throws -> [StoredModule] {
    let source = file.url.relativePath
    var tensors: [TensorName: StoredTensor] = [:]
    for tensor in file.tensors {
      guard !tensor.type.isBlocked else {
        throw GGUFError(
          source,
          "tensor \"\(tensor.name)\" is stored as \(tensor.type.rawValue): expected F32, F16 or BF16, as the factors of adapters are"
        )
      }
      tensors[tensor.name] = tensor
    }
    var modules: [StoredModule] = []
    for down in file.tensors {
      guard let name = down.name.droppingSuffix(GGUFAdapter.downSuffix) else { continue }
      guard let path = base.architecture.path(of: name.text) else {
        throw AdapterError.unexpectedTensors(file: source, names: [down.name.text])
      }
      let upName = TensorName(name.text + GGUFAdapter.upSuffix)
      guard let up = tensors.removeValue(forKey: upName) else {
        throw AdapterError.missingTensor(file: source, name: upName.text)
      }
      tensors[down.name] = nil
      guard down.shape.rank == 2, up.shape.rank == 2, down.shape[0] == up.shape[1] else {
        throw AdapterError.misshapenTensor(
          file: source, name: upName.text, found: "\(up.shape)",
          expected: "[outputs, rank] beside \(down.shape)")
      }
      let heads =
        ordersRows ? try base.interleavedHeads(of: path, rows: up.shape[0], in: source) : nil
      modules.append(
        StoredModule(
          path: path, kind: .linear, down: FactorMatrix(down),
          up: heads.map { FactorMatrix(up, arranged: .deinterleaved(heads: $0)) }
            ?? FactorMatrix(up),
          magnitude: nil, scale: alpha == 0 ? 1 : alpha / Double(down.shape[0])))
    }
    guard tensors.isEmpty else {
      throw AdapterError.unexpectedTensors(
        file: source, names: tensors.keys.sorted().map(\.text))
    }
    return modules
  }
}
