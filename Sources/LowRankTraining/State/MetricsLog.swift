import LowRankCheckpoints

/// The lines of `metrics.jsonl` in memory, as text, so that a long run takes little more memory than a short one.
public struct MetricsLog: Sequence, ExpressibleByArrayLiteral, Sendable {
  /// All lines, each with its line feed.
  package private(set) var bytes: [UInt8] = []

  /// A log without lines.
  public init() {}

  /// A log of these lines.
  public init(_ lines: some Sequence<JSONObject>) {
    for line in lines { append(line) }
  }

  public init(arrayLiteral lines: JSONObject...) { self.init(lines) }

  /// Whether there are no lines.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Adds a line at the end.
  public mutating func append(_ line: JSONObject) {
    bytes += JSONValue.object(line).bytes()
    bytes.append(UInt8(ascii: "\n"))
  }

  /// The lines, each read when its turn comes.
  public func makeIterator() -> AnyIterator<JSONObject> {
    var start = bytes.startIndex
    return AnyIterator {
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      defer { start = end + 1 }
      return (try? JSONValue(parsing: Array(bytes[start..<end])))?.object
    }
  }
}
