import LowRank
import LowRankSessions

/// A variant with all that a run of it needs: its rank, its steps, and settings that were checked.
struct ResolvedVariant {
  let variant: Variant
  let slug: String
  /// The settings of a run, without rate, seed and place.
  let settings: RunSettings
  /// The steps of a full run.
  let steps: Int
  /// The numbers that are trained.
  let parameters: Int

  /// What a run of it chose, by the names of settings, for the results.
  var choices: JSONObject {
    func name(_ choice: MethodChoice?, _ axis: MethodAxis) -> JSONValue {
      .string(choice?.description ?? MethodCatalogue.cards(of: axis)[0].name)
    }
    let adapter = settings.adapter
    let method = adapter.dora && adapter.method == nil ? "dora" : nil
    var choices: JSONObject = [
      "method": method.map { .string($0) } ?? name(adapter.method, .architectures),
      "init": name(adapter.initialization, .initializations),
      "optimizer": name(settings.steps.optimizer, .optimizers),
      "ranks": name(adapter.ranks, .ranks), "rank": .integer(adapter.rank ?? 8),
      "target": .string(adapter.targetPattern ?? adapter.target ?? "qv"),
    ]
    for (key, value) in variant.values.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where choices[key.rawValue] == nil { choices[key.rawValue] = value }
    return choices
  }
}
