import LowRankTensors

/// The name by which an adapter is known on a base.
public struct AdapterName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name.
  public let description: String
  /// A name.
  public init(_ name: String) { description = name }
  /// A name written as a literal.
  public init(stringLiteral value: String) { description = value }
  /// PEFT's name of an adapter that was given none.
  public static let `default`: AdapterName = "default"
}

/// Which adapters apply to which rows of a pass.
public struct AdapterSelection: Sendable {
  /// One adapter on a run of rows.
  public struct Part: Hashable, Sendable {
    /// The adapter.
    public let name: AdapterName
    /// Its rows; nil for all.
    public let rows: Range<Int>?
  }

  /// The adapters with their rows.
  public let parts: [Part]
  private let replacements: [String: Parameter]
  private let rowTables: [String: OwnRows]

  /// No adapter: the base alone.
  public static let none = AdapterSelection(parts: [], replacements: [:], ownRows: [:])

  private init(
    parts: [Part], replacements: [String: Parameter], ownRows: [String: OwnRows]
  ) {
    self.parts = parts
    self.replacements = replacements
    self.rowTables = ownRows
  }

  /// One adapter on all rows, with the parameters and the token rows that replace the base's, both by the path of
  /// use.
  public static func all(
    _ name: AdapterName, replacing replacements: [String: Parameter] = [:],
    ownRows: [String: OwnRows] = [:]
  ) -> AdapterSelection {
    AdapterSelection(
      parts: [Part(name: name, rows: nil)], replacements: replacements, ownRows: ownRows)
  }

  /// Adapters on runs of rows, for batches of mixed requests; such adapters replace no parameter of the base.
  public static func mixed(_ parts: [(name: AdapterName, rows: Range<Int>)]) -> AdapterSelection {
    AdapterSelection(
      parts: parts.map { Part(name: $0.name, rows: $0.rows) }, replacements: [:], ownRows: [:])
  }

  func replacement(at path: String) -> Parameter? {
    replacements.isEmpty ? nil : replacements[path]
  }

  func ownRows(at path: String) -> OwnRows? {
    rowTables.isEmpty ? nil : rowTables[path]
  }
}
