import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// `ΔW = g·b aᵀ` of rank 1, whatever rank is asked for: the least that a method has to say.
struct ToyMethod: Method {
  var gain = 1.0
  let name = "TOY"
  let dialect = PEFTDialect(alphaKey: "lora_alpha")
  var configuration: JSONObject { ["toy_gain": .double(gain)] }

  func configured(by config: JSONFile) throws -> any Method {
    ToyMethod(gain: try config.double("toy_gain", default: 1))
  }

  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update] {
    sites.map { site in
      var random = factory.random(for: site.path)
      return ToyUpdate(
        gain: Float(gain),
        down: factory.parameter(
          "toy_a", [1, site.map.inputs], role: .down, of: site.path,
          startingAt: (0..<site.map.inputs).map { _ in Float(random.normal()) }),
        up: factory.parameter(
          "toy_b", [site.map.outputs, 1], role: .up, of: site.path,
          startingAt: [Float](repeating: 0, count: site.map.outputs)))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "toy", title: "Toy", citation: "nobody, 2026", equation: "ΔW = g·b aᵀ",
      mechanism: "One direction is enough for a test.", useWhen: "Choose it in tests.",
      options: [.number("gain", default: 1, in: 0..<10, "What the product is multiplied by.")],
      parameters: .init("L (m + n)") { m, n, _, layers in layers * (m + n) },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { ToyMethod(gain: $0.number("gain")) }
}

private struct ToyUpdate: Update {
  let gain: Float
  let down, up: Parameter
  var parameters: [Parameter] { [down, up] }

  func terms(_ pass: Pass) -> [LowRankTerm]? {
    [LowRankTerm(down: pass.value(down), up: pass.value(up), scale: gain)]
  }
}
