import LowRankAdapters
import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// The singular values of every module's update, from its values as they are now; see ``LoRAForm``.
  ///
  /// Modules whose form takes a decomposition as large as the weight are left out: spectra are drawn while a run goes on. Of a
  /// fused map whose slices are adapted apart, the values are those of the whole map.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public func spectra() throws -> [Spectrum] {
    try sites.indices.compactMap { index in
      guard let rank = termRank(of: index), rank <= 256 else { return nil }
      let (site, form) = (sites[index], try form(of: index))
      let up = try TriangularFactor(of: form.up, transposed: false).r
      let down = try TriangularFactor(of: form.down, transposed: true).r
      let core = try SingularValueDecomposition(up.multiplied(by: down.transposed))
      return Spectrum(
        path: site.path, values: core.values.map { abs(Double(form.scale)) * $0 },
        parametersPerRank: site.map.outputs + site.map.inputs)
    }
  }
}
