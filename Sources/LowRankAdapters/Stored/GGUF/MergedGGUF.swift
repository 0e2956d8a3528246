import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// A base with an adapter in its weights, as the tensors of a GGUF file.
///
/// Names, order and shapes are those of a GGUF file of the base: the base itself, or another file of the same model. What
/// llama.cpp's converter changes is changed here too: rows of queries and keys, weights of norms. A tensor is worked out
/// when it is written, so that one is in memory at a time.
struct MergedGGUF {
  let model: GGUFModel
  let weights: MergedWeights
  let encoding: GGUFEncoding
  /// Whether the base is the GGUF file, whose tensors are copied where they stay the same.
  private let isOwn: Bool
  private let changed: Set<Parameter>

  /// The tensors of an adapter's base with its update.
  ///
  /// - Parameter source: a GGUF file of the base's model; nil for a base that is one.
  /// - Throws: `GGUFError` where the file is of another model, and what reading it throws.
  init(_ adapter: Adapter, of source: URL?, as encoding: GGUFEncoding) throws {
    guard let folder = adapter.base.folder else { throw ModelError.noFolder }
    model = try GGUFModel(at: source ?? folder.url)
    weights = MergedWeights(adapter, on: adapter.base)
    changed = Set(weights.changed)
    self.encoding = encoding
    isOwn = source == nil
    guard let source else { return }
    guard try ModelFolder(at: source).identity() == folder.identity() else {
      throw GGUFError(
        source.relativePath,
        "the file is of another model than \(folder.url.relativePath): their architectures, shapes or norms differ"
      )
    }
  }

  /// The files that are read, over which nothing may be written.
  var files: [URL] { model.parts.map(\.url) }

  /// All tensors, in the order of the file, and a head that is no longer tied behind them.
  ///
  /// - Throws: `GGUFError` where the base has a tensor of another shape, or one that the file has no place for.
  func tensors() throws -> [TensorSource] {
    let architecture = weights.base.architecture
    let known = Dictionary(uniqueKeysWithValues: architecture.parameters.map { ($0.path, $0) })
    let tied = (architecture as? CausalModel).flatMap { $0.isHeadTied ? $0.head.weight : nil }
    var left = Set(known.keys)
    var sources: [TensorSource] = []
    for tensor in model.parts.flatMap(\.tensors) {
      guard let layout = try model.layout(of: tensor) else {
        sources.append(TensorSource(tensor))
        continue
      }
      let own = known[layout.name] ?? (layout.name == "lm_head.weight" ? tied : nil)
      guard let parameter = own, parameter.shape == tensor.shape else {
        throw GGUFError(
          model.url.relativePath,
          "the tensor \"\(tensor.name)\" is \(tensor.shape), but \(layout.name) of the base is \(own.map { "\($0.shape)" } ?? "missing")"
        )
      }
      left.remove(parameter.path)
      sources.append(source(tensor, parameter, layout))
    }
    for path in left.sorted() {
      guard let parameter = known[path], path == "lm_head.weight" else {
        throw GGUFError(model.url.relativePath, "the file has no tensor for \(path) of the base")
      }
      sources.append(source(as: "output.weight", parameter) { $0 })
    }
    return sources
  }

  /// The matrices that are stored as F16 because their rows are no whole blocks.
  func fallbacks(in sources: [TensorSource]) -> [TensorName] {
    encoding == .q8 ? sources.filter { $0.type == .float16 }.map(\.name) : []
  }

  private func source(
    _ tensor: StoredTensor, _ parameter: Parameter, _ layout: GGUFLayout
  ) -> TensorSource {
    guard isOwn, !changed.contains(parameter) else {
      return source(as: tensor.name, parameter) { layout.converted($0, parameter.shape) }
    }
    let type = encoding.type(of: tensor.name, tensor.shape)
    guard tensor.type != type else { return TensorSource(tensor) }
    return TensorSource(tensor.name, tensor.shape, as: type) { rows in
      let part = tensor.shape.rank == 2 ? tensor.rows(rows) : tensor
      return try checked(part.floats(), tensor.name, type)
    }
  }

  /// A tensor of a parameter's value in the order of llama.cpp.
  private func source(
    as name: TensorName, _ parameter: Parameter, _ converted: @escaping ([Float]) -> [Float]
  ) -> TensorSource {
    let type = encoding.type(of: name, parameter.shape)
    return TensorSource(
      name, parameter.shape, floats: try checked(converted(value(of: parameter)), name, type),
      as: type)
  }

  /// The merged numbers, in the order of transformers.
  private func value(of parameter: Parameter) throws -> [Float] {
    let engine = weights.base.engine
    return engine.floats(
      changed.contains(parameter)
        ? try weights.value(of: parameter) : weights.base.store[parameter])
  }

  /// Numbers that the type can hold.
  private func checked(
    _ numbers: [Float], _ name: TensorName, _ type: StoredType
  ) throws(AdapterError) -> [Float] {
    guard let strange = numbers.first(where: { !(abs($0) <= type.largestFinite) }) else {
      return numbers
    }
    guard strange.isFinite else { throw .notFinite(file: "the merged model", name: name.text) }
    throw .cannotExpress(
      form: type.rawValue,
      what: "the number \(strange) in \(name), which would become infinite: choose BF16")
  }
}
