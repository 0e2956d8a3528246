import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `HiRA, which scales every weight by a low-rank matrix,` {
  @Test func `keeps every law`() throws {
    let report = try checkLaws(of: HiRA())
    #expect(report.violations.isEmpty, "\(report)")
  }
}

/// `W' = W ∘ (1 + B A)`, Huang et al., "HiRA: Parameter-Efficient Hadamard High-Rank Adaptation", ICLR 2025.
struct HiRA: Method {
  let name = "HIRA"

  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update] {
    sites.map { site in
      let start = KaimingStart().factors(for: factory.startRequest(for: site))
      return HiRAUpdate(
        down: factory.parameter(
          "hira_A", [site.rank, site.map.inputs], role: .down, of: site.path,
          startingAt: start.down),
        up: factory.parameter(
          "hira_B", [site.map.outputs, site.rank], role: .up, of: site.path, startingAt: start.up))
    }
  }
}

struct HiRAUpdate: Update {
  let down, up: Parameter
  var parameters: [Parameter] { [down, up] }
  var pairs: [FactorPair] { [FactorPair(down: down, up: up)] }

  func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    let product = pass.compute.product(pass.value(up), pass.value(down), type: .float32)
    return pass.compute.sum(weight, pass.compute.multiply(weight, product))
  }
}
