import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A mapped file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(of count: Int) throws -> (MappedFile, [UInt8]) {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    return (try MappedFile(at: folder.file("mapped-\(UUID())", content)), content)
  }

  @Test func `forgets what was read and the pages around it, and reads them again`() throws {
    let (file, content) = try file(of: 8 << 20)
    #expect(file.bytes.elementsEqual(content))
    #expect(try residentBytes(ofFile: file.url) == 8 << 20)
    file.forget(4 << 20..<4 << 20 + 1)
    let kept = try residentBytes(ofFile: file.url)
    // A huge page that is mapped as a whole goes as a whole.
    #expect((2 << 20...4 << 20).contains(kept), "\(kept)")
    file.forget(0..<file.bytes.count)
    #expect(try residentBytes(ofFile: file.url) == 0)
    #expect(file.bytes.elementsEqual(content))
  }

  @Test func `whose bytes are only in memory keeps them`() throws {
    let (file, _) = try file(of: 10)
    let kept = PageOfBytes(7)
    let inMemory = MappedFile(kept.bytes, keptBy: kept, of: file)
    inMemory.forget(0..<kept.bytes.count)
    #expect(inMemory.bytes.allSatisfy { $0 == 7 })
  }

  @Test func `does not stay in memory after its tensors were read`() throws {
    let url = folder.url.appending(path: "large-\(UUID()).safetensors")
    let count = 3 << 20
    let numbers = (0..<count).map { Float($0 % 251) }
    let sources = ["a", "b", "c"].map { TensorSource(TensorName($0), [count], floats: numbers) }
    try SafetensorsFile.write(
      sources + [
        TensorSource("i", .int32, [count], bytes: [UInt8](repeating: 1, count: 4 * count))
      ],
      to: url)
    let file = try SafetensorsFile(at: url)
    func check(_ what: String, _ body: () throws -> Bool) throws {
      #expect(file.file.bytes.reduce(0, { $0 &+ $1 }) != 0)
      #expect(try residentBytes(ofFile: url) >= file.file.bytes.count)
      file.file.forget(0..<file.file.bytes.count)
      #expect(try body(), "\(what)")
      let left = try residentBytes(ofFile: url)
      #expect(left == 0, "\(left) bytes after \(what)")
    }
    try check("floats") { try file["b"]?.floats() == numbers }
    try check("integers") { try file["i"]?.int64s().allSatisfy { $0 == 0x0101_0101 } == true }
    try check("comparing") {
      try zip(sources, file.tensors).allSatisfy { try $0.isStored(as: $1) }
    }
    try check("copying") {
      let copy = folder.url.appending(path: "copy-\(UUID()).safetensors")
      try SafetensorsFile.write(file.tensors.map { TensorSource($0) }, to: copy)
      return try SafetensorsFile(at: copy)["c"]?.floats() == numbers
    }
    try check("a fingerprint") {
      try Fingerprint(architecture: "A", tensors: file.tensors).description.count == 41
    }
  }

  @Test func `has tensors that are read in pieces, which together are the whole`() throws {
    let content = (0..<900).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let url = folder.url.appending(path: "pieces-\(UUID()).safetensors")
    try SafetensorsFile.write([TensorSource("a", .uint8, [900], bytes: content)], to: url)
    let tensor = try SafetensorsFile(at: url).tensors[0]
    let pieces = tensor.pieces(of: 256)
    #expect(pieces.map(\.byteCount) == [256, 256, 256, 132])
    #expect(pieces.flatMap { Array($0.borrowedBytes) } == content)
    let part = tensor.elements(100..<130)
    #expect(part.shape == [30])
    #expect(try part.floats() == content[100..<130].map(Float.init))
  }
}

/// Some whole pages in memory that hold one number.
private final class PageOfBytes: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ value: UInt8) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1 << 16)
    memory.initializeMemory(as: UInt8.self, repeating: value)
    bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { bytes.deallocate() }
}
