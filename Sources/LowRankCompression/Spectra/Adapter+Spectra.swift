import LowRankAdapters
import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// The singular values of `s·B A` of every module that has such factors, from their values as they are now.
  ///
  /// Of a fused map whose slices are adapted apart, they are those of all slices together.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public func spectra() throws -> [Spectrum] {
    let model = model
    let pass = model.pass(PackedRows(lengths: [1]), adapters: selection)
    func matrix(_ tensor: Tensor) -> HostMatrix<Float> {
      HostMatrix(
        model.engine.floats(tensor), rows: tensor.shape.rows, columns: tensor.shape.columns)
    }
    return try zip(sites, updates).compactMap { site, update in
      guard let terms = update.terms(pass) else { return nil }
      var (values, cost): ([Double], Int) = ([], 0)
      for group in terms.byOutputs {
        let ups = HostMatrix(besideEachOther: group.map { matrix($0.up) })
        let downs = HostMatrix(onTopOfEachOther: group.map { matrix($0.down) })
        let up = try TriangularFactor(of: ups, transposed: false).r
        let down = try TriangularFactor(of: downs, transposed: true).r
        let core = try SingularValueDecomposition(up.multiplied(by: down.transposed))
        values += core.values.map { abs(Double(group[0].scale)) * $0 }
        cost += group[0].up.shape.rows + group[0].down.shape.columns
      }
      return Spectrum(path: site.path, values: values.sorted(by: >), parametersPerRank: cost)
    }
  }
}
