import LowRank

extension Architecture {
  /// The distinct last names of linear maps, as `--target` takes them.
  var linearNames: [String] {
    var names: [String] = []
    places { site, place in
      guard case .linear = place, let name = site.path.split(separator: ".").last else { return }
      if !names.contains(String(name)) { names.append(String(name)) }
    }
    return names
  }
}
