import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `Packed tensors` {
  private let file: GGUFFile
  private let expected: [UInt32]

  init() throws {
    file = try GGUFFile(at: fixture("packed.gguf"))
    let numbers = try Data(contentsOf: fixture("packed.f32"))
    expected = numbers.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
    }
  }

  /// The bits that gguf of PyPI gives for a tensor.
  private func expected(_ index: Int) -> ArraySlice<UInt32> {
    let start = file.tensors[..<index].reduce(0) { $0 + $1.shape.count }
    return expected[start..<start + file.tensors[index].shape.count]
  }

  @Test func `hold the numbers that gguf unpacks, bit for bit`() throws {
    #expect(Set(file.tensors.compactMap(\.type.elementType)) == Set(ElementType.packed))
    for (index, tensor) in file.tensors.enumerated() {
      let bits = try tensor.floats().map(\.bitPattern)
      #expect(bits == Array(expected(index)), "\(tensor.type.rawValue)")
    }
  }

  @Test func `are unpacked by the engine to the same bits, whole and by rows`() throws {
    let engine = CPUEngine()
    for (index, tensor) in file.tensors.enumerated() {
      let type = try #require(tensor.type.elementType)
      let weight = engine.resident(
        tensor.borrowedBytes, stored: type, tensor.shape, as: type, owner: tensor.file)
      #expect(weight.type == type)
      #expect(engine.floats(weight).map(\.bitPattern) == Array(expected(index)))
      let last = engine.rows(of: weight, at: engine.tensor([Int32(2)], [1]), type: .float32)
      #expect(engine.floats(last).map(\.bitPattern) == Array(expected(index).suffix(512)))
    }
  }

  @Test func `take the bytes that GGML gives their blocks`() throws {
    for tensor in file.tensors {
      let block = try #require(tensor.type.elementType?.block)
      #expect(tensor.byteCount == tensor.shape.count / block.count * block.bytes)
      #expect(StoredType.safetensors.contains(tensor.type) == (tensor.type == .float16))
    }
  }
}
