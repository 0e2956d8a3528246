import LowRank

/// The four matrices of attention in every layer of a model, whatever the architecture calls them.
struct AttentionMatrices {
  /// The roles, in the order of the paper.
  static let roles: [Site.Role] = [.query, .key, .value, .attentionOutput]

  /// One kind of matrix.
  struct Kind {
    /// The path of its module within a layer.
    let module: String
    /// Its inputs.
    let inputs: Int
    /// Its outputs, of a fused map those of the slice.
    let outputs: Int
    /// The greatest rank of an update, that of the smallest slice where the map is fused.
    let limit: Int

    /// The parameters of a unit of rank.
    var cost: Int { inputs + outputs }
  }

  /// What there is of each role.
  let kinds: [Site.Role: Kind]
  /// The numbers of the layers, in order.
  let layers: [Int]

  /// The layer that is looked at where one is.
  var middleLayer: Int { layers[layers.count / 2] }

  /// Finds the matrices.
  ///
  /// - Throws: `AdapterError.unmatched` where the model lacks one.
  init(of model: Model) throws {
    var (kinds, layers): ([Site.Role: Kind], Set<Int>) = ([:], [])
    model.architecture.places { site, place in
      guard case .linear(let map) = place else { return }
      let parts =
        site.slices.isEmpty ? [Site.Slice(role: site.role, outputs: 0..<map.outputs)] : site.slices
      for part in parts where Self.roles.contains(part.role) {
        let place = ModulePlace(site.path)
        if let layer = place.layer { layers.insert(layer) }
        kinds[part.role] = Kind(
          module: place.kind, inputs: map.inputs, outputs: part.outputs.count,
          limit: min(map.inputs, parts.map(\.outputs.count).min() ?? 1))
      }
    }
    for role in Self.roles where kinds[role] == nil {
      throw AdapterError.unmatched(
        key: "model", name: role.rawValue, names: kinds.values.map(\.module).sorted())
    }
    self.kinds = kinds
    self.layers = layers.sorted()
  }

  /// A kind that is there.
  subscript(role: Site.Role) -> Kind {
    guard let kind = kinds[role] else { preconditionFailure("\(role) is no matrix of attention") }
    return kind
  }

  /// The ranks of some roles whose parameters are as nearly as possible a number for each layer; slices of one map have
  /// the same rank.
  func ranks(of roles: [Site.Role], parameters: Int) -> [Int] {
    var modules: [String] = []
    for role in roles where !modules.contains(self[role].module) {
      modules.append(self[role].module)
    }
    let members = modules.map { module in roles.filter { self[$0].module == module } }
    let ranks = equalBudgetRanks(
      costs: members.map { $0.reduce(0) { $0 + self[$1].cost } },
      limits: members.map { $0.map { self[$0].limit }.min() ?? 1 }, budget: parameters)
    return roles.map { role in
      zip(modules, ranks).first { $0.0 == self[role].module }?.1 ?? 1
    }
  }
}

extension Site.Role {
  /// The letter of a matrix of attention.
  var letter: String {
    switch self {
    case .query: "q"
    case .key: "k"
    case .value: "v"
    case .attentionOutput: "o"
    default: rawValue
    }
  }

  /// The paper's name of a matrix of attention.
  var symbol: String { "W" + letter }
}
