/// The characters of some texts that a tokenizer has no token for and leaves out.
public struct LostCharacters: Hashable, Sendable {
  /// The number of characters that are left out.
  public private(set) var count = 0
  /// The number of characters of all texts.
  public private(set) var total = 0
  /// The first of the characters that are left out, each once.
  public private(set) var first: [Unicode.Scalar] = []

  /// How many characters are named.
  private static let most = 8

  /// No texts.
  public init() {}

  /// Adds a text.
  ///
  /// - Parameters:
  ///   - lost: what the tokenizer left out; nil if it never leaves out anything, and then nothing is counted.
  ///   - text: the whole text, of which characters are counted.
  public mutating func add(_ lost: String?, of text: String) {
    guard let lost else { return }
    total += text.unicodeScalars.count
    for scalar in lost.unicodeScalars {
      count += 1
      if first.count <= Self.most, !first.contains(scalar) { first.append(scalar) }
    }
  }

  /// What is lost, in a sentence; nil if nothing is.
  public var sentence: String? {
    guard count > 0 else { return nil }
    let names = first.prefix(Self.most).map { "\"\($0)\"" }.joined(separator: " ")
    return
      "the tokenizer has no token for \(count) of \(total) characters (\(share)) and leaves them out: "
      + names + (first.count > Self.most ? " …" : "")
  }

  private var share: String { percentText(Double(count) / Double(max(1, total))) }
}

/// A share above 0 in percent; one that would be rounded to 0 says so.
func percentText(_ share: Double) -> String {
  let tenths = (1000 * share).rounded()
  guard tenths > 0 else { return "less than 0.1 %" }
  return "\(Int(tenths) / 10).\(Int(tenths) % 10) %"
}
