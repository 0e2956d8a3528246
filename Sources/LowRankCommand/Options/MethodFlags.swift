import LowRank

extension MethodRegistry {
  /// The method that a flag of this axis names; the default without the flag.
  ///
  /// - Throws: `UsageError` with the nearest name, or the flag of the axis that has the name.
  func chosen(_ text: String?) throws -> MethodChoice {
    do { return try choice(text) } catch {
      if case .unknown(let name, _, _) = error,
        let other = MethodCatalogue.cards(named: name).first
      {
        throw UsageError(
          "\(axis.flag) is \"\(name)\", which is \(other.axis.noun); give it as "
            + "\(other.axis.flag) \(name)")
      }
      throw UsageError("\(error)")
    }
  }

  /// A choice with the value of a flag that stands for an option; as it is where the flag is not given.
  ///
  /// - Throws: `UsageError` where the method has no such option, or was given it already.
  func setting(
    _ option: String, to value: JSONValue?, by flag: String, of choice: MethodChoice
  ) throws -> MethodChoice {
    guard let value else { return choice }
    do { return try setting(option, to: value, by: flag, of: choice) } catch {
      throw UsageError("\(error)")
    }
  }
}
