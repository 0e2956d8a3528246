import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A base model's fingerprint` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func fingerprint(
    _ tensors: [TensorSource], architecture: String = "A"
  ) throws -> Fingerprint {
    let url = folder.url.appending(path: UUID().uuidString)
    try SafetensorsFile.write(tensors, to: url)
    return try Fingerprint(architecture: architecture, tensors: SafetensorsFile(at: url).tensors)
  }

  @Test func `does not depend on how the weights are spread over files`() throws {
    let single = try ModelFolder(at: fixture("single")).fingerprint()
    #expect(try ModelFolder(at: fixture("sharded")).fingerprint() == single)
    #expect(try ModelFolder(at: fixture("sharded")).fingerprint().description.count == 41)
  }

  @Test func `depends on architecture, names, types, shapes and values`() throws {
    let one = TensorSource("a", [2, 3], floats: [1, 2, 3, 4, 5, 6])
    let two = TensorSource("b", [0], floats: [])
    let changed = [
      try fingerprint([one, two]),
      try fingerprint([one, two], architecture: "B"),
      try fingerprint([one]),
      try fingerprint([TensorSource("c", [2, 3], floats: [1, 2, 3, 4, 5, 6]), two]),
      try fingerprint([TensorSource("a", [3, 2], floats: [1, 2, 3, 4, 5, 6]), two]),
      try fingerprint([TensorSource("a", [2, 3], floats: [1, 2, 3, 4, 5, 6.000_001]), two]),
      try fingerprint([one, TensorSource("b", [0, 1], floats: [])]),
      try fingerprint([one, TensorSource("b", .int32, [0], bytes: [])]),
    ]
    #expect(Set(changed).count == changed.count)
    #expect(try fingerprint([two, one]) == changed[0])
  }

  @Test func `of a large tensor samples its first and its last page, and others between`() throws {
    let count = 100 * 4096 - 17
    func fingerprint(changing position: Int?) throws -> Fingerprint {
      var bytes = [UInt8](repeating: 0, count: count)
      if let position { bytes[position] = 1 }
      return try self.fingerprint([TensorSource("a", .uint8, [count], bytes: bytes)])
    }
    let original = try fingerprint(changing: nil)
    for position in [0, 4095, count - 1, 99 * 4096] {
      #expect(try fingerprint(changing: position) != original)
    }
    let noticed = try (0..<100).filter { try fingerprint(changing: $0 * 4096) != original }
    #expect(noticed.count == 64)
    #expect(zip(noticed, noticed.dropFirst()).allSatisfy { $1 - $0 <= 2 })
  }

  @Test func `is read back from its text`() throws {
    let fingerprint = try fingerprint([])
    #expect(Fingerprint(fingerprint.description) == fingerprint)
    for text in ["", "lowrank1:", "lowrank2:" + String(repeating: "0", count: 32), "lowrank1:xyz"] {
      #expect(Fingerprint(text) == nil)
    }
    #expect(Fingerprint("lowrank1:" + String(repeating: "g", count: 32)) == nil)
  }

  @Test func `stays what it was`() throws {
    #expect(try fingerprint([]).description == "lowrank1:0dfe349d4a99454f6cf664bfb2c4aed4")
  }
}

@Suite struct `The 128-bit hash` {
  /// Expected: both halves of PyPI mmh3 5.3's `hash64(bytes, signed=False)`.
  @Test(arguments: [
    (0, "00000000000000000000000000000000"), (1, "7ace5c908374fe16778867e4430e6785"),
    (7, "ba2a5b4da4ef64bd2ab281b9bff8a98a"), (8, "81b4fe57550ef2c3fe4559e435dda6ff"),
    (9, "2ece911021513df592035305a659f9fe"), (15, "d287e69da5f5aa8a9159c06b95fb3465"),
    (16, "d8a587ce6919966373bbc008f2fa8a1e"), (17, "a028636779f48508cc202276a59bd6cf"),
    (31, "d865690eeea423492bdd0b7803b9f2dc"), (32, "4730e49a7a1a09830f92c12c819d6054"),
    (33, "3acc521a50111b48c1a26d0837a86fa3"), (100, "11636355e782a699b0a8e06642b8aaad"),
  ]) func `is MurmurHash3`(count: Int, expected: String) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
    #expect(bytes.withUnsafeBytes { MurmurHash3(of: $0) }.hexadecimal == expected)
  }
}
