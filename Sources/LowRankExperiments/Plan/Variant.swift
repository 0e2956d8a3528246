import LowRank
import LowRankSessions

/// A combination of values that is compared with the baseline.
public struct Variant: Hashable, Sendable {
  /// Its name, which no other variant has.
  public let name: String
  /// The values of varied keys.
  public let values: [RunKey: JSONValue]
  /// Whether others are compared with it.
  public let isBaseline: Bool

  /// A value for people: a method as `NAME:option=value`, others as JSON has them, without quotes.
  static func text(_ value: JSONValue) -> String {
    if let choice = MethodChoice(value) { return choice.description }
    return value.string ?? value.text()
  }

  /// The value of a key in words.
  private static func words(_ key: RunKey, _ value: JSONValue) -> String {
    let isMethod = MethodAxis.allCases.contains { $0.key == key }
    return isMethod ? text(value) : "\(key.rawValue)=\(text(value))"
  }

  /// All variants of a plan, the baseline first.
  static func all(of plan: ExperimentPlan) -> [Variant] {
    let keys = plan.axes.map(\.key)
    func variant(_ values: [RunKey: JSONValue], _ named: [RunKey]) -> Variant {
      let isBaseline = keys.allSatisfy { values[$0] == plan.baseline[$0] }
      let shown = isBaseline ? keys : named
      let words = shown.compactMap { key in values[key].map { Self.words(key, $0) } }
      return Variant(
        name: words.isEmpty ? "baseline" : words.joined(separator: ", "), values: values,
        isBaseline: isBaseline)
    }
    var found = [variant(plan.baseline, keys)]
    switch plan.combinations {
    case .oneAtATime:
      for (key, values) in plan.axes {
        for value in values where value != plan.baseline[key] {
          var changed = plan.baseline
          changed[key] = value
          found.append(variant(changed, [key]))
        }
      }
    case .all:
      var products: [[RunKey: JSONValue]] = [[:]]
      for (key, values) in plan.axes {
        products = products.flatMap { product in
          values.map { product.merging([key: $0]) { _, new in new } }
        }
      }
      found += products.map { variant($0, keys) }.filter { !$0.isBaseline }
    }
    return found
  }

  /// The settings of a run of this variant, without its rate, its seed and its place.
  ///
  /// A method that is an axis's standard is left out, since other methods may not go with it by name.
  ///
  /// - Throws: `SettingsError`.
  func settings(of plan: ExperimentPlan) throws -> RunSettings {
    var json = plan.base
    for (key, value) in values {
      json[key.rawValue] = Self.isStandard(value, key) ? nil : value
    }
    return try RunSettings(json: json)
  }

  private static func isStandard(_ value: JSONValue, _ key: RunKey) -> Bool {
    guard let axis = MethodAxis.allCases.first(where: { $0.key == key }) else { return false }
    guard let choice = MethodChoice(value) else { return false }
    return choice.options.isEmpty && choice.name == MethodCatalogue.cards(of: axis)[0].name
  }
}
