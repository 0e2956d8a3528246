import LowRank
import LowRankSessions

/// What all variants may take alike.
public struct ExperimentBudget: Hashable, Sendable {
  /// The most trained parameters, by which each variant gets its rank; nil to leave ranks as they are.
  public var parameters: Int?
  /// How long a run lasts.
  public var length: Length?

  /// How long a run lasts.
  public enum Length: Hashable, Sendable {
    /// So many steps.
    case steps(Int)
    /// So many tokens that the model is given.
    case tokens(Int)
    /// So many seconds of training, as measured before the first run.
    case seconds(Double)
  }

  /// No budget.
  public init() {}

  /// Reads a budget.
  ///
  /// - Parameters:
  ///   - base: the settings beside which it stands.
  ///   - axes: the keys that are varied.
  /// - Throws: `SettingsError` for unknown keys, and for those that contradict others.
  init(_ object: JSONObject, base: JSONObject, axes: [RunKey], _ name: String) throws {
    let known = ["parameters", "steps", "tokens", "seconds"]
    for (key, value) in object.entries where value != .null {
      guard known.contains(key) else {
        throw SettingsError(
          "\(name): budget has the unknown key \"\(key)\"\(suggestion(for: key, among: known))")
      }
      guard let number = Self.number(value), number > 0 else {
        throw SettingsError(
          "\(name): budget.\(key) is \(value.text()), expected a number above 0, as 300k")
      }
      guard key == "parameters" || length == nil else {
        throw SettingsError(
          "\(name): budget has several lengths; keep one of steps, tokens, seconds")
      }
      switch key {
      case "parameters": parameters = Int(number)
      case "steps": length = .steps(Int(number))
      case "tokens": length = .tokens(Int(number))
      default: length = .seconds(number)
      }
    }
    try checkRivals(base, axes, name)
  }

  private func checkRivals(_ base: JSONObject, _ axes: [RunKey], _ name: String) throws {
    if parameters != nil {
      for key in [RunKey.rank, .rankPattern, .initAdapter] {
        let place = axes.contains(key) ? "vary" : base[key.rawValue] != nil ? "base" : nil
        guard let place else { continue }
        throw SettingsError(
          "\(name): budget.parameters chooses ranks, which contradicts \(key.rawValue) in \(place); keep one of them"
        )
      }
    }
    guard length != nil else { return }
    for key in [RunKey.iters, .epochs] {
      let place = axes.contains(key) ? "vary" : base[key.rawValue] != nil ? "base" : nil
      guard let place else { continue }
      throw SettingsError(
        "\(name): budget says how long runs last, and so does \(key.rawValue) in \(place); keep one of them"
      )
    }
  }

  /// A number as `300k`, `1.5M` or `2000`.
  static func number(_ value: JSONValue) -> Double? {
    if let number = value.double { return number }
    guard var text = value.string?.lowercased() else { return nil }
    var factor = 1.0
    if text.hasSuffix("k") { factor = 1e3 }
    if text.hasSuffix("m") { factor = 1e6 }
    if factor > 1 { text.removeLast() }
    return Double(text).flatMap { $0.isFinite ? $0 * factor : nil }
  }

  /// The budget as JSON.
  var json: JSONObject {
    var json: JSONObject = ["parameters": parameters.map { .integer($0) } ?? .null]
    switch length {
    case .steps(let count): json["steps"] = .integer(count)
    case .tokens(let count): json["tokens"] = .integer(count)
    case .seconds(let count): json["seconds"] = .double(count)
    case nil: break
    }
    return json
  }
}
