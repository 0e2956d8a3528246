import LowRankAdapters
import LowRankCheckpoints

/// The cards of all methods, by axis.
public enum MethodCatalogue {
  /// The axes in the order of a run's choices, each with its cards; the first card of an axis is the default.
  public static var axes: [(axis: MethodAxis, cards: [MethodCard])] {
    MethodAxis.allCases.map { ($0, cards(of: $0)) }
  }

  /// The cards of an axis.
  public static func cards(of axis: MethodAxis) -> [MethodCard] {
    switch axis {
    case .architectures: MethodRegistries.architectures.cards
    case .initializations: MethodRegistries.initializations.cards
    case .ranks: MethodRegistries.ranks.cards
    case .optimizers: MethodRegistries.optimizers.cards
    }
  }

  /// The cards of a name; more than one where two axes have it.
  public static func cards(named name: String) -> [(axis: MethodAxis, card: MethodCard)] {
    axes.flatMap { axis, cards in cards.filter { $0.name == name }.map { (axis, $0) } }
  }

  /// What `lowrank methods --json` prints: of one name, or of all.
  public static func json(named name: String? = nil) -> JSONObject {
    JSONObject(
      axes.map { axis, cards in
        let shown = cards.filter { name == nil || $0.name == name }
        return (axis.rawValue, .array(shown.map { .object($0.json) }))
      })
  }
}
