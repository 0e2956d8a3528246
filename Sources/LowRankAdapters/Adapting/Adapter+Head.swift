import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// Whether the adapter brings a module of the head, by its name: `classifier`, `pooler`.
  ///
  /// - Throws: `JSONError` where the base's configuration names no architecture.
  public func savesHeadModule(_ name: String) throws -> Bool {
    let prefix = try Architectures.prefix(base.config)
    return replacements.keys.contains { ModelHead.module(of: $0, prefix: prefix) == name }
  }

  /// The parameters of the head that it trains in the place of the base's.
  var headReplacements: Set<Parameter> {
    get throws {
      let prefix = try Architectures.prefix(base.config)
      return Set(
        replacements.filter { ModelHead.module(of: $0.key, prefix: prefix) != nil }.values)
    }
  }
}
