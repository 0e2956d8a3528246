import LowRank

extension MethodChoice {
  /// Reads `NAME:key=value,…` as a choice of an axis.
  ///
  /// - Throws: `SettingsError` with the nearest name, or the setting of the axis that has the name.
  package init(_ text: String, on axis: MethodAxis) throws {
    do { try self.init(text, among: MethodCatalogue.cards(of: axis), on: axis) } catch {
      if case .unknown(let name, _, _) = error,
        let other = MethodCatalogue.cards(named: name).first
      {
        throw SettingsError(
          "\(axis.key) is \"\(name)\", which is \(other.axis.noun); give it as \(other.axis.key) \(name)"
        )
      }
      throw SettingsError(KeyedText("\(error)" as String))
    }
  }
}

extension MethodRegistry {
  /// A choice with the value of a setting that stands for an option; as it is without the setting.
  ///
  /// - Throws: `SettingsError` where the method has no such option, or was given it already.
  package func setting(
    _ option: String, to value: JSONValue?, by key: RunKey, of choice: MethodChoice
  ) throws -> MethodChoice {
    guard let value else { return choice }
    do { return try setting(option, to: value, by: key.rawValue, of: choice) } catch {
      throw SettingsError(KeyedText("\(error)" as String))
    }
  }
}

extension MethodAxis {
  /// The setting that chooses a method of this axis.
  package var key: RunKey {
    switch self {
    case .architectures: .method
    case .initializations: .initialization
    case .ranks: .ranks
    case .optimizers: .optimizer
    }
  }
}
