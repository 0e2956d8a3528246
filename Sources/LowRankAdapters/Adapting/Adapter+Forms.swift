import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// The update of every adapted linear map as plain LoRA, in the order of ``sites``.
  ///
  /// - Parameter rank: the greatest rank of a form; nil for as many directions as an update has.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public func forms(atMost rank: Int? = nil) throws -> [LoRAForm] {
    try sites.indices.map { try form(of: $0, atMost: rank) }
  }

  /// The rank of an update that is a sum of low-rank terms; nil for one whose form takes a decomposition of ΔW.
  public func termRank(of index: Int) -> Int? {
    updates[index].formTerms(plainPass)?.reduce(0) { $0 + $1.down.shape.rows }
  }

  /// A pass with the adapter's values, in f32.
  private var plainPass: Pass {
    Pass(compute: Computation(engine: base.engine), store: values, rows: PackedRows(lengths: []))
  }

  /// The update of one adapted linear map as plain LoRA.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public func form(of index: Int, atMost rank: Int? = nil) throws -> LoRAForm {
    let map = sites[index].map
    return try updates[index].form(
      FormRequest(
        outputs: map.outputs, inputs: map.inputs, rank: rank,
        weight: { map.dense(base.store, base.engine) }, pass: plainPass))
  }
}
