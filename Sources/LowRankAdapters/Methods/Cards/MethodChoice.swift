import LowRankCheckpoints

/// A method that was chosen on one axis, with the options that were given: `NAME:key=value,key=value`.
public struct MethodChoice: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let name: String
  /// The options that were given.
  public private(set) var options: JSONObject = [:]

  /// A method with its defaults.
  init(name: String) { self.name = name }

  /// Reads `NAME:key=value,key=value`.
  ///
  /// - Parameters:
  ///   - cards: the methods that there are.
  ///   - axis: their axis.
  /// - Throws: `MethodError` for a name or an option that is not there, for a value that the option does not take, and for
  ///   options that contradict each other.
  public init(
    _ text: String, among cards: [MethodCard], on axis: MethodAxis
  ) throws(MethodError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0])
    guard let card = cards.first(where: { $0.name == parts[0] }) else {
      throw .unknown(name, axis, known: cards.map(\.name))
    }
    let entries =
      parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
    for entry in entries {
      guard let equals = entry.firstIndex(of: "="), equals > entry.startIndex else {
        throw .malformed("\(entry)", of: card.name, axis)
      }
      let (key, value) = (String(entry[..<equals]), String(entry[equals...].dropFirst()))
      guard let option = card.options.first(where: { $0.name == key }) else {
        throw .unknownOption(
          key, of: card.name, axis, known: card.options.map(\.name),
          owners: cards.filter { $0.options.contains { $0.name == key } }.map(\.name))
      }
      guard options[key] == nil else { throw .twice(key, of: card.name, axis) }
      guard let parsed = option.value(of: value) else {
        throw .value(value, of: key, card.name, axis, expected: option.expected)
      }
      options[key] = parsed
    }
    let chosen = card.alternatives.filter { options[$0] == true }
    guard chosen.count < 2 else { throw .contradiction(chosen[0], chosen[1], of: card.name, axis) }
    if let option = card.options.first(where: { $0.isRequired && options[$0.name] == nil }) {
      throw .missing(option.name, of: card.name, axis, help: option.help)
    }
  }

  /// The choice with an option that a setting of its own gives.
  ///
  /// - Throws: `MethodError` where the method has no such option, or was given it already.
  public func setting(
    _ option: String, to value: JSONValue, by key: String, of card: MethodCard, _ axis: MethodAxis
  ) throws(MethodError) -> MethodChoice {
    guard card.options.contains(where: { $0.name == option }) else {
      throw .noEffect(key, option: option, of: name, axis)
    }
    guard options[option] == nil else { throw .both(key, option: option, of: name, axis) }
    var choice = self
    choice.options[option] = value
    return choice
  }

  /// The choice as text: `pissa:niter=2`.
  public var description: String {
    guard !options.isEmpty else { return name }
    return name + ":"
      + options.entries.map { "\($0.key)=\($0.value.string ?? $0.value.text())" }.joined(
        separator: ",")
  }

  /// The choice as the settings of a run have it.
  public var json: JSONObject { ["name": .string(name), "options": .object(options)] }

  /// Reads a choice from the settings of a run; nil where they hold none.
  public init?(_ settings: JSONValue) {
    guard let object = settings.object, let name = object["name"]?.string,
      let options = object["options"]?.object
    else { return nil }
    (self.name, self.options) = (name, options)
  }
}
