extension JSONFields {
  /// The integer of a key, which must be there.
  public func integer(_ key: String) throws(JSONError) -> Int {
    try required(key, "an integer", \.integer)
  }

  /// The integer of a key, or `fallback` where the key is absent or null.
  public func integer(_ key: String, default fallback: Int) throws(JSONError) -> Int {
    try optionalInteger(key) ?? fallback
  }

  /// The integer of a key; none where the key is absent or null.
  public func optionalInteger(_ key: String) throws(JSONError) -> Int? {
    try optional(key, "an integer", \.integer)
  }

  /// The number of a key, which must be there.
  public func double(_ key: String) throws(JSONError) -> Double {
    try required(key, "a number", \.double)
  }

  /// The number of a key, or `fallback` where the key is absent or null.
  public func double(_ key: String, default fallback: Double) throws(JSONError) -> Double {
    try optionalDouble(key) ?? fallback
  }

  /// The number of a key; none where the key is absent or null.
  public func optionalDouble(_ key: String) throws(JSONError) -> Double? {
    try optional(key, "a number", \.double)
  }

  /// The truth value of a key, which must be there.
  public func bool(_ key: String) throws(JSONError) -> Bool {
    try required(key, "true or false", \.bool)
  }

  /// The truth value of a key, or `fallback` where the key is absent or null.
  public func bool(_ key: String, default fallback: Bool) throws(JSONError) -> Bool {
    try optionalBool(key) ?? fallback
  }

  /// The truth value of a key; none where the key is absent or null.
  public func optionalBool(_ key: String) throws(JSONError) -> Bool? {
    try optional(key, "true or false", \.bool)
  }

  /// The string of a key, which must be there.
  public func string(_ key: String) throws(JSONError) -> String {
    try required(key, "a string", \.string)
  }

  /// The string of a key, or `fallback` where the key is absent or null.
  public func string(_ key: String, default fallback: String) throws(JSONError) -> String {
    try optionalString(key) ?? fallback
  }

  /// The string of a key; none where the key is absent or null.
  public func optionalString(_ key: String) throws(JSONError) -> String? {
    try optional(key, "a string", \.string)
  }
}
