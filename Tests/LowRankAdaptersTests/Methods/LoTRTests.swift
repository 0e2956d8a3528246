import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `LoTR, which shares two factors among all layers,` {
  @Test func `keeps every law`() throws {
    let report = try checkLaws(of: LoTR())
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `has r(m + n) + L r² parameters for maps of one kind`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let update = AdapterUpdate(LoTR(), PatternRanks(rank: 2))
    let adapter = try Adapter(on: model, targets: .named("up_proj"), update: update)
    #expect(adapter.parameterCount == 2 * (12 + 8) + 2 * 2 * 2)
  }
}

/// `ΔW = s·U G Vᵀ` with U and V shared by the layers of one kind and G a layer's own, arXiv 2402.01376.
struct LoTR: Method {
  let name = "LOTR"

  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update] {
    var shared: [String: Parameter] = [:]
    return sites.map { site in
      let kind = "lotr." + site.path.split(separator: ".").suffix(2).joined(separator: ".")
      func factor(_ name: String, _ shape: Shape) -> Parameter {
        if let made = shared[kind + name] { return made }
        var random = factory.random(for: kind + name)
        let values = (0..<shape.count).map { _ in Float(random.normal()) }
        let made = factory.parameter(name, shape, role: .up, of: kind, startingAt: values)
        shared[kind + name] = made
        return made
      }
      return LoTRUpdate(
        left: factor("U", [site.map.outputs, site.rank]),
        core: factory.parameter(
          "lotr_G", [site.rank, site.rank], role: .down, of: site.path,
          startingAt: [Float](repeating: 0, count: site.rank * site.rank)),
        right: factor("V", [site.map.inputs, site.rank]), scale: site.scale)
    }
  }
}

struct LoTRUpdate: Update {
  let left, core, right: Parameter
  let scale: Float
  var parameters: [Parameter] { [left, core, right] }

  func terms(_ pass: Pass) -> [LowRankTerm]? {
    let (core, right) = (pass.value(core), pass.value(right))
    let down = pass.compute.product(core, right, transposingB: true, type: .float32)
    return [LowRankTerm(down: down, up: pass.value(left), scale: scale)]
  }
}
