import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A wrong method is caught` {
  @Test func `when its merged weight has another scale`() throws {
    try expect([.mergedIsUnmerged], broken: .mergesTwice)
  }

  @Test func `when it scales the base too`() throws {
    try expect([.freshIsSilent, .mergedIsUnmerged], broken: .scalesBase)
  }

  @Test func `when a part of it is not recorded`() throws {
    try expect([.gradientIsDifference], broken: .hidesFromTape)
  }

  @Test func `when it does not save what it has`() throws {
    try expect([.loadedIsSaved], broken: .savesHalf)
  }

  @Test func `when its factors count apart from their product`() throws {
    try expect([.gaugeIsFree, .mergedIsUnmerged], broken: .squaresFactor)
  }

  private func expect(_ laws: Set<Law>, broken fault: WrongUpdate.Fault) throws {
    let report = try checkLaws(of: WrongMethod(fault: fault))
    #expect(Set(report.violations.map(\.law)) == laws, "\(report)")
  }
}

/// LoRA with one fault.
private struct WrongMethod: Method {
  let fault: WrongUpdate.Fault
  let name = "WRONG"

  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update] {
    try LoRA().updates(for: sites, &factory).compactMap { $0 as? LowRankUpdate }.map {
      WrongUpdate(lowRank: $0, fault: fault)
    }
  }
}

private struct WrongUpdate: Update {
  enum Fault { case mergesTwice, scalesBase, hidesFromTape, savesHalf, squaresFactor }

  let lowRank: LowRankUpdate
  let fault: Fault
  var parameters: [Parameter] { lowRank.parameters }
  var pairs: [FactorPair] { lowRank.pairs }

  func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    let adapted = lowRank.adaptedWeight(weight, pass)
    return fault == .mergesTwice ? lowRank.adaptedWeight(adapted, pass) : adapted
  }

  func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    let y = base.apply(x, adding: faultyTerms(pass), pass)
    return fault == .scalesBase ? pass.compute.scaled(y, by: 1.01) : y
  }

  private func faultyTerms(_ pass: Pass) -> [LowRankTerm] {
    lowRank.factors.map { pair in
      var down = pass.value(pair.down)
      if fault == .squaresFactor { down = pass.compute.multiply(down, down) }
      if fault == .hidesFromTape { down = pass.compute.engine.scaled(down, by: 1) }
      return LowRankTerm(down: down, up: pass.value(pair.up), scale: lowRank.scale)
    }
  }

  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    lowRank.stored(values, engine).map { tensor in
      guard fault == .savesHalf else { return tensor }
      return FactorTensor(tensor.name, tensor.shape, tensor.values.map { $0 / 2 })
    }
  }

  func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  { try lowRank.restored(read) }
}
