import LowRankTensors
import LowRankTransformers

/// The factors that maps of one kind share, each made once.
///
/// Maps are of one kind where their paths differ in the number of the layer alone, and extents and rank are equal:
/// `self_attn.q_proj` of all layers.
struct SharedFactors {
  private let method: String
  private let names: [Kind: String]
  private var made: [String: Parameter] = [:]

  private struct Kind: Hashable {
    let name: String
    let outputs, inputs, rank: Int
  }

  /// The factors of a method's sites.
  init(of sites: [AdaptedSite], method: String) {
    self.method = method
    let kinds = Set(sites.map(Self.kind))
    let counts = kinds.reduce(into: [String: Int]()) { $0[$1.name, default: 0] += 1 }
    names = Dictionary(
      uniqueKeysWithValues: kinds.map { kind in
        let isOne = counts[kind.name] == 1
        return (
          kind,
          isOne ? kind.name : "\(kind.name).\(kind.outputs)x\(kind.inputs)x\(kind.rank)"
        )
      })
  }

  /// The path without what comes up to the number of its layer.
  static func kindName(of path: String) -> String {
    let parts = path.split(separator: ".")
    let last = parts.lastIndex { Int($0) != nil }
    return parts.suffix(from: last.map { $0 + 1 } ?? 0).joined(separator: ".")
  }

  private static func kind(of site: AdaptedSite) -> Kind {
    Kind(
      name: kindName(of: site.path), outputs: site.map.outputs, inputs: site.map.inputs,
      rank: site.rank)
  }

  /// A factor of the kind of a site, which starts at what is drawn or worked out where it is first asked for.
  mutating func factor(
    _ name: String, _ shape: Shape, role: Parameter.Role, of site: AdaptedSite,
    _ factory: inout ParameterFactory, startingAt start: (inout Philox) -> [Float]
  ) -> Parameter {
    let kind = names[Self.kind(of: site)] ?? site.path
    return factor(name, shape, role: role, ofGroup: kind, &factory, startingAt: start)
  }

  /// A factor of a group of maps by its name.
  mutating func factor(
    _ name: String, _ shape: Shape, role: Parameter.Role, ofGroup group: String,
    _ factory: inout ParameterFactory, startingAt start: (inout Philox) -> [Float]
  ) -> Parameter {
    let module = "\(AdapterFolder.sharedModule).\(method).\(group)"
    let key = "\(module).\(name)"
    if let parameter = made[key] { return parameter }
    var random = factory.random(for: key)
    let parameter = factory.parameter(
      name, shape, role: role, of: module, startingAt: start(&random))
    made[key] = parameter
    return parameter
  }
}
