import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// The adapter with some directions of each module of ``SVDLoRA`` left.
  ///
  /// - Parameter left: whether each direction of a module is left, by path; a module that is missing stays as it is.
  /// - Throws: `PatternError`.
  func keeping(_ left: [String: [Bool]], as method: SVDLoRA) throws -> Adapter {
    var adapter = self
    adapter.configuration.method = method
    for index in sites.indices {
      let (site, path) = (sites[index], sites[index].path)
      guard let own = updates[index] as? SVDUpdate, let kept = left[path], kept.contains(false)
      else { continue }
      let rank = kept.count { $0 }
      adapter.configuration.ranks.rankPattern.insert(try .init(path, rank), at: 0)
      adapter.sites[index] = AdaptedSite(
        site: site.site, map: site.map, rank: rank, scale: site.scale, slices: site.slices)
      for parameter in own.parameters { adapter.values.remove(parameter) }
      guard rank > 0 else {
        adapter.updates[index] = PrunedUpdate(path: path, site.map.outputs, site.map.inputs)
        continue
      }
      /// The rows, or columns, of the directions that are left.
      func cut(_ parameter: Parameter, _ shape: Shape, columns: Bool) -> Parameter {
        let result = Parameter(
          parameter.path, shape, role: parameter.role, module: parameter.module)
        let (numbers, width) = (base.engine.floats(values[parameter]), parameter.shape[1])
        let chosen = numbers.indices.filter { kept[columns ? $0 % width : $0 / width] }
        adapter.values[result] = base.engine.tensor(
          chosen.map { numbers[$0] }, shape, type: .float32)
        return result
      }
      adapter.updates[index] = SVDUpdate(
        path: own.path, scale: own.scale, dropout: own.dropout,
        down: cut(own.down, [rank, own.down.shape[1]], columns: false),
        up: cut(own.up, [own.up.shape[0], rank], columns: true),
        values: cut(own.values, [rank, 1], columns: false))
    }
    return adapter
  }
}
