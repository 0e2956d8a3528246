import Foundation

/// A file that must be refused, with a part of the sentence that does it.
struct TorchAttack {
  let name: String
  let says: String
  let file: [UInt8]

  /// The attacks of `attacks.json`.
  static func all(in folder: URL) throws -> [TorchAttack] {
    struct Entry: Decodable {
      let name, says, file: String
    }
    let data = try Data(contentsOf: folder.appending(path: "attacks.json"))
    return try JSONDecoder().decode([Entry].self, from: data).map {
      TorchAttack(name: $0.name, says: $0.says, file: try bytes(of: $0.file))
    }
  }

  /// The bytes of hexadecimal digits, in which `00*48*` stands for 48 zeros.
  private static func bytes(of text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Substring(text)
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else {
        throw CocoaError(.fileReadCorruptFile)
      }
      rest = rest.dropFirst(2)
      var count = 1
      if rest.first == "*" {
        let digits = rest.dropFirst().prefix { $0 != "*" }
        count = Int(digits) ?? 0
        rest = rest.dropFirst(digits.count + 2)
      }
      bytes += repeatElement(byte, count: count)
    }
    return bytes
  }
}
