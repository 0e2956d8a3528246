import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A GGUF file that is written` {
  private let numbers: [Float]

  init() throws {
    let data = try Data(contentsOf: fixture("q8_0.f32"))
    numbers = data.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  private func written(
    _ tensors: [TensorSource], _ entries: [GGUFEntry] = [], alignment: Int = 32,
    _ body: (GGUFFile) throws -> Void
  ) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID()).gguf")
    defer { try? FileManager.default.removeItem(at: url) }
    try GGUFFile.write(tensors, entries: entries, alignment: alignment, to: url)
    try body(GGUFFile(at: url))
  }

  @Test func `has the blocks of Q8_0 that gguf makes, bit for bit, whole and by rows`() throws {
    let shape = Shape([numbers.count / 64, 64])
    let expected = Array(try Data(contentsOf: fixture("q8_0.blocks")))
    let whole = TensorSource("whole", shape, floats: numbers, as: .q8_0)
    let rows = TensorSource("rows", shape, as: .q8_0) { rows in
      Array(numbers[rows.lowerBound * 64..<rows.upperBound * 64])
    }
    try written([whole, rows]) { file in
      for tensor in file.tensors {
        #expect(tensor.type == .q8_0 && tensor.shape == shape)
        #expect(Array(tensor.borrowedBytes) == expected, "\(tensor.name)")
      }
    }
  }

  @Test func `has zeros for numbers whose scale is no half`() throws {
    let tiny = TensorSource(
      "tiny", [1, 32], floats: [Float](repeating: .leastNonzeroMagnitude, count: 32), as: .q8_0)
    try written([tiny]) { file in
      let numbers = try file.tensors[0].floats()
      #expect(numbers == [Float](repeating: 0, count: 32))
    }
  }

  @Test func `has large tensors by rows as it has them whole`() throws {
    let shape = Shape([40_000, 32])
    let many = (0..<shape.count).map { Float($0 % 1013) - 500 }
    for type in [StoredType.q8_0, .float16, .bfloat16, .float32] {
      let whole = TensorSource("whole", shape, floats: many, as: type)
      let rows = TensorSource("rows", shape, as: type) { rows in
        Array(many[rows.lowerBound * 32..<rows.upperBound * 32])
      }
      try written([whole, rows]) { file in
        #expect(
          Array(file.tensors[0].borrowedBytes) == Array(file.tensors[1].borrowedBytes),
          "\(type.rawValue)")
      }
    }
  }

  @Test func `keeps metadata as they are stored, and another alignment`() throws {
    var bytes = GGUFBytes.one
    bytes.alignment = 64
    bytes.values = [
      ("general.alignment", little(UInt32(4)) + little(UInt32(64))),
      ("a", little(UInt32(0)) + [7]), ("b", little(UInt32(3)) + little(Int16(-3))),
      (
        "tokenizer.ggml.tokens",
        little(UInt32(9)) + little(UInt32(8)) + little(UInt64(2)) + text("x") + text("é")
      ),
    ]
    bytes.data = Array(repeating: 0, count: 64)
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID()).gguf")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(bytes.bytes).write(to: url)
    // Without the elements of its lists, a file gives them all the same.
    let file = try GGUFFile(at: url, keepsVocabulary: false)
    #expect(file.alignment == 64 && file["tokenizer.ggml.tokens"] == .array([]))
    var entries = file.entries
    let one = TensorSource("one", [3], floats: [1, 2, 3])
    let two = TensorSource("two", [1], floats: [4])
    try written([one, two], entries, alignment: 64) { copy in
      #expect(copy.entries == entries && copy.metadata.map(\.key) == file.metadata.map(\.key))
      #expect(copy["a"] == .unsigned(7) && copy["b"] == .signed(-3))
      #expect(copy["tokenizer.ggml.tokens"] == .array([.string("x"), .string("é")]))
      #expect(copy.tensors.allSatisfy { $0.range.lowerBound.isMultiple(of: 64) })
      let numbers = try copy.tensors.map { try $0.floats() }
      #expect(numbers == [[1, 2, 3], [4]])
    }
    entries.set("a", .string("new"))
    entries.set("c", .bool(true))
    try written([one], entries, alignment: 64) { copy in
      #expect(
        copy.metadata.map(\.key.text) == [
          "general.alignment", "a", "b", "tokenizer.ggml.tokens", "c",
        ])
      #expect(copy["a"] == .string("new") && copy["c"] == .bool(true))
    }
  }
}
