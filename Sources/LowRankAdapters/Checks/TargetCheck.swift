import LowRankCheckpoints
import LowRankTransformers

extension AdapterConfiguration {
  /// What the configuration declares that the model does not have, and takes it out.
  ///
  /// - Throws: `PatternError`.
  mutating func removeMissingTargets(
    in architecture: any Architecture, file: String
  ) throws -> [LoadProblem] {
    let sites = architecture.sites
    let names = architecture.moduleNames
    let known = names.joined(separator: ", ")
    var problems: [LoadProblem] = []
    func matches(_ modules: Target.Modules) -> Bool { sites.contains(where: modules.matches) }
    func report(_ key: String, _ name: String) {
      problems.append(
        LoadProblem(
          .targets, file,
          "\"\(key)\" names \"\(name)\", which matches no module; the model has \(known)"
            + suggestion(for: name, among: names)))
    }
    switch target.modules {
    case .named(let names):
      for name in names where !matches(.named([name])) { report("target_modules", name) }
      target.modules = .named(names.filter { matches(.named([$0])) })
    case .matching(let pattern):
      if !matches(target.modules) { report("target_modules", pattern.description) }
    case .allLinear, .roles: break
    }
    for name in try SavedModules.unmatched(modulesToSave, in: architecture) {
      report("modules_to_save", name)
      modulesToSave.removeAll { $0 == name }
    }
    if let layers = target.layers, !layers.isEmpty {
      let known = Set(try sites.compactMap { try target.layerNumber(in: $0.path) })
      for layer in layers where !known.contains(layer) {
        problems.append(
          LoadProblem(
            .targets, file,
            "\"layers_to_transform\" names the layer \(layer), and the model has "
              + (known.max().map { "0 to \($0)" } ?? "none of the pattern")))
      }
      // Without any number left, every layer would be meant.
      if !known.isDisjoint(with: layers) { target.layers = layers.filter(known.contains) }
    }
    return problems
  }
}
