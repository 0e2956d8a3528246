import Foundation
import LowRankTokenizers
import Testing

/// Compares with the cases that `Oracles/tokenizers_conformance.py` or `Oracles/tokenizers_gguf.py` wrote, if they exist.
@Suite struct `TokenizerConformance` {
  private static let folder = ProcessInfo.processInfo.environment["LOWRANK_TOKENIZER_ORACLE"]

  private static let names: [String] = {
    guard let folder else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }()

  @Test(.enabled(if: folder != nil, "LOWRANK_TOKENIZER_ORACLE names no folder"), arguments: names)
  func `finds no text on which the reference differs`(name: String) throws {
    let folder = try URL(fileURLWithPath: #require(Self.folder)).appendingPathComponent(name)
    let vocabulary = try GGUFFields.vocabulary(in: folder)
    let tokenizer = try vocabulary.map { try Tokenizer($0) } ?? Tokenizer(folder: folder)
    let written = try vocabulary.map {
      try Self.write($0, in: folder.appendingPathComponent("ours"))
    }
    var cases = try CaseReader(folder.appendingPathComponent("cases.bin"))
    var count = 0
    var mismatches: [String] = []
    while let expected = cases.next() {
      count += 1
      let encoding = try tokenizer.encode(utf8: expected.text)
      let backward = tokenizer.decode(expected.ids.reversed(), skipSpecialTokens: false)
      let differences = [
        encoding.ids == expected.ids ? nil : "ids",
        try written.map { try $0.encode(utf8: expected.text) == encoding } ?? true
          ? nil : "what the written tokenizer.json makes",
        // The reference has lost count here.
        expected.starts.contains(-1) || encoding.offsets == expected.offsets ? nil : "offsets",
        encoding.isSpecial == expected.special ? nil : "special mask",
        Array(tokenizer.decode(expected.ids).utf8) == expected.decoded ? nil : "decoded text",
        Array(backward.utf8) == expected.backward ? nil : "text decoded backward",
      ].compactMap { $0 }
      if !differences.isEmpty {
        let text = String(decoding: expected.text.prefix(200), as: UTF8.self)
        mismatches.append("\(differences.joined(separator: ", ")) of \(text.debugDescription)")
      }
    }
    #expect(count > 0)
    #expect(mismatches.isEmpty, "\(mismatches.count) of \(count): \(mismatches.prefix(5))")
    let pairs = try RecordedPair.read(folder)
    let different = pairs.filter { !$0.agrees(with: tokenizer) }
    #expect(different.isEmpty, "\(different.count) of \(pairs.count): \(different.prefix(3))")
    print("\(name): \(count) texts and \(pairs.count) pairs compared")
  }

  /// Writes the files of a vocabulary for the oracle to load, and reads them.
  private static func write(_ vocabulary: GGUFVocabulary, in folder: URL) throws -> Tokenizer {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(vocabulary.tokenizerJSON())
      .write(to: folder.appendingPathComponent("tokenizer.json"))
    try Data(vocabulary.tokenizerConfig(chatTemplate: nil))
      .write(to: folder.appendingPathComponent("tokenizer_config.json"))
    return try Tokenizer(folder: folder)
  }
}

/// Reads the cases of one tokenizer.
private struct CaseReader {
  struct Case {
    var text: [UInt8]
    var ids: [Int32]
    var starts: [Int32]
    var ends: [Int32]
    var special: [Bool]
    var decoded: [UInt8]
    var backward: [UInt8]

    var offsets: [Range<Int>] { zip(starts, ends).map { Int($0)..<Int(max($0, $1)) } }
  }

  private let data: Data
  private var at = 0

  init(_ file: URL) throws { data = try Data(contentsOf: file, options: .alwaysMapped) }

  mutating func next() -> Case? {
    guard at < data.count else { return nil }
    let text = bytes(length())
    let count = length()
    return Case(
      text: text, ids: integers(count), starts: integers(count), ends: integers(count),
      special: bytes(count).map { $0 == 1 }, decoded: bytes(length()),
      backward: bytes(length()))
  }

  private mutating func bytes(_ count: Int) -> [UInt8] {
    defer { at += count }
    return Array(data[at..<at + count])
  }

  private mutating func length() -> Int { integers(1).first.map(Int.init) ?? 0 }

  private mutating func integers(_ count: Int) -> [Int32] {
    defer { at += 4 * count }
    return data.withUnsafeBytes { data in
      (0..<count).map {
        Int32(littleEndian: data.loadUnaligned(fromByteOffset: at + 4 * $0, as: Int32.self))
      }
    }
  }
}
