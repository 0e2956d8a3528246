import LowRankTransformers

extension AdapterConfiguration {
  /// Why the target selects nothing: it matches nothing, or what it matches is taken away again.
  func emptyTarget(
    in architecture: any Architecture, beside saved: SavedModules
  ) throws -> AdapterError {
    let sites = architecture.sites.filter(target.modules.matches)
    guard !sites.isEmpty else {
      return .nothingMatches(target: target.modules.phrase, names: architecture.moduleNames)
    }
    let included = sites.filter { target.excluded?.matches($0) != true }
    let reason =
      if included.isEmpty {
        "the exclusion of \(target.excluded?.phrase ?? "") leaves"
      } else if try !included.contains(where: target.selects) {
        "the layers \((target.layers ?? []).map(String.init).joined(separator: ", ")) have"
      } else {
        "the modules to save leave"
      }
    return .nothingLeft(target: target.modules.phrase, by: reason)
  }
}

extension Target.Modules {
  /// The target as a message names it.
  var phrase: String {
    switch self {
    case .queryValue: "\"qv\" (queries and values)"
    case .roles(let roles):
      Site.Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
    case .named(let names): names.map { "\"\($0)\"" }.joined(separator: ", ")
    case .matching(let pattern): "/\(pattern)/"
    case .allLinear: "\"all-linear\""
    }
  }
}
