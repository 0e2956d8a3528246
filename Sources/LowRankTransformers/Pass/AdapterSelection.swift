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
    /// What its update is multiplied by; other than 1 only for updates that are sums of low-rank terms.
    public let scale: Float

    /// An adapter on some rows, or on all.
    public init(name: AdapterName, rows: Range<Int>?, scale: Float = 1) {
      (self.name, self.rows, self.scale) = (name, rows, scale)
    }
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
    adding(parts.map { Part(name: $0.name, rows: $0.rows) })
  }

  /// Adapters on runs of rows, which may overlap: updates of the same rows add up.
  public static func adding(_ parts: [Part]) -> AdapterSelection {
    AdapterSelection(parts: parts, replacements: [:], ownRows: [:])
  }

  /// The selection for some of the pass's rows, which become rows 0, 1, … in the order given.
  public func taking(rows: [Int32]) -> AdapterSelection {
    guard parts.contains(where: { $0.rows != nil }) else { return self }
    let taken = parts.flatMap { part -> [Part] in
      guard let range = part.rows else { return [part] }
      var runs: [Range<Int>] = []
      for (index, row) in rows.enumerated() where range.contains(Int(row)) {
        if let last = runs.last, last.upperBound == index {
          runs[runs.count - 1] = last.lowerBound..<index + 1
        } else {
          runs.append(index..<index + 1)
        }
      }
      return runs.map { Part(name: part.name, rows: $0, scale: part.scale) }
    }
    return AdapterSelection(parts: taken, replacements: replacements, ownRows: rowTables)
  }

  func replacement(at path: String) -> Parameter? {
    replacements.isEmpty ? nil : replacements[path]
  }

  func ownRows(at path: String) -> OwnRows? {
    rowTables.isEmpty ? nil : rowTables[path]
  }
}
