import LowRankHTTP

/// The part of an address after the question mark, which must hold only what is known, once.
struct Query {
  static let lengthLimit = 2048

  private var values: [String: Substring] = [:]

  init(_ text: Substring?, allowing names: Set<String>) throws {
    guard let text, !text.isEmpty else { return }
    guard text.utf8.count <= Self.lengthLimit else {
      throw HTTPFailure(.targetTooLong, "The query is longer than \(Self.lengthLimit) bytes.")
    }
    for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard names.contains(name) else {
        throw HTTPFailure(.badRequest, "The query has an unknown parameter.")
      }
      guard parts.count == 2, values.updateValue(parts[1], forKey: name) == nil else {
        throw HTTPFailure(.badRequest, "'\(name)' needs one value.")
      }
    }
  }

  /// The text of a name.
  subscript(name: String) -> Substring? { values[name] }

  /// The identity of a run.
  func run() throws -> String? { try values["run"].map(Self.run) }

  /// The place after which points are wanted.
  func after() throws -> Int64? { try values["after"].map { try Self.place($0, of: "after") } }

  static func run(_ text: Substring) throws -> String {
    let isPlain = text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_.".utf8.contains($0)
      }
    }
    guard (1...128).contains(text.utf8.count), isPlain else {
      throw HTTPFailure(
        .badRequest, "A run is named by letters, digits, '-', '_' and '.', 128 at most.")
    }
    return String(text)
  }

  static func place(_ text: some StringProtocol, of name: String) throws -> Int64 {
    guard (1...19).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let place = Int64(text)
    else { throw HTTPFailure(.badRequest, "'\(name)' is a whole number, 0 or more.") }
    return place
  }
}
