/// A parsed JSON file as a flat list of nodes over the file's bytes.
///
/// Half a million strings of a large vocabulary cost sixteen bytes each and no allocation: a string
/// stays where it stands in the file until somebody asks for its bytes.
final class JSONTree: Sendable {
  struct Node: Sendable {
    enum Kind: UInt8, Sendable {
      case null, `false`, `true`, number, plainString, escapedString, array, object
    }

    var kind: Kind
    /// The first byte: after the quote of a string.
    var start: UInt32
    /// The byte after the last: the closing quote of a string.
    var end: UInt32
    /// The index of the node that follows this one and everything inside it.
    var next: UInt32
  }

  let bytes: [UInt8]
  let nodes: [Node]

  /// Parses one JSON value and nothing after it.
  init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes)
    nodes = try parser.parse()
    self.bytes = bytes
  }

  /// The children of an array, or the keys and values of an object in turn.
  func children(of index: Int) -> ChildIndices {
    ChildIndices(tree: self, at: index + 1, end: Int(nodes[index].next))
  }

  struct ChildIndices: Sequence, IteratorProtocol {
    let tree: JSONTree
    var at: Int
    let end: Int

    mutating func next() -> Int? {
      guard at < end else { return nil }
      defer { at = Int(tree.nodes[at].next) }
      return at
    }
  }

  func isString(_ index: Int) -> Bool {
    nodes[index].kind == .plainString || nodes[index].kind == .escapedString
  }

  /// Calls `body` with the unescaped bytes of a string.
  func withString<Result, Failure: Error>(
    _ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let node = nodes[index]
    let range = Int(node.start)..<Int(node.end)
    guard node.kind == .escapedString else {
      return try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
        try body(UnsafeBufferPointer(rebasing: bytes[range]))
      }
    }
    return try JSONParser.unescape(bytes[range]).withUnsafeBufferPointer(body)
  }

  /// The unescaped bytes of a string.
  func string(_ index: Int) -> [UInt8] { withString(index) { Array($0) } }

  /// The value of a number that is written as an integer.
  func integer(_ index: Int) -> Int? {
    let node = nodes[index]
    guard node.kind == .number else { return nil }
    var value = 0
    let negative = bytes[Int(node.start)] == UInt8(ascii: "-")
    for byte in bytes[(Int(node.start) + (negative ? 1 : 0))..<Int(node.end)] {
      guard byte >= 0x30, byte <= 0x39, value < Int.max / 20 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return negative ? -value : value
  }

  /// The value of a number.
  func number(_ index: Int) -> Double? {
    let node = nodes[index]
    guard node.kind == .number else { return nil }
    return Double(String(decoding: bytes[Int(node.start)..<Int(node.end)], as: UTF8.self))
  }
}

/// Where and why a text is not JSON.
struct JSONSyntaxError: Error {
  var offset: Int
  var expected: String
}
