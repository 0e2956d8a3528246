import LowRank
import LowRankCheckpoints

extension Conversion {
  /// Says which of the targets that are written match no module of the model, if that is on this machine.
  ///
  /// - Parameter key: the key of the other file that names them.
  /// - Throws: what reading the model's configuration throws.
  mutating func checkTargets(key: String) throws {
    guard let folder else { return }
    let architecture = try Architectures.described(by: ModelFolder.config(at: folder))
    let sites = architecture.sites
    let names = architecture.moduleNames
    func note(_ target: String, _ run: inout RunDraft) {
      // Names are compared by their last part, as self_attn.q_proj by q_proj.
      let hint = suggestion(
        for: target.split(separator: ".").last.map(String.init) ?? target, among: names)
      run.note(
        .unsupported, key,
        "no module of the model matches \"\(target)\", and lowrank train would stop; the model has \(names.joined(separator: ", "))\(hint)"
      )
    }
    switch run.value(of: "target") {
    case .list(let targets)?:
      for target in targets
      where target != "all-linear"
        && !sites.contains(where: Target.Modules.named([target]).matches)
      {
        note(target, &run)
      }
    default: break
    }
    if case .text(let text)? = run.value(of: "target_regex"), let pattern = try? PathPattern(text),
      !sites.contains(where: Target.Modules.matching(pattern).matches)
    {
      note(text, &run)
    }
  }
}
