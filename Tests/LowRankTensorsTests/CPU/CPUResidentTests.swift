import Foundation
import LowRankTensors
import Testing

/// Numbers in memory of its own, at a chosen distance from an aligned address.
private final class Foreign: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  let bytes: UnsafeRawBufferPointer

  init(_ numbers: [Float], shift: Int) {
    let size = 4 * numbers.count
    base = .allocate(byteCount: size + shift, alignment: 64)
    (base + shift).copyMemory(from: numbers, byteCount: size)
    bytes = UnsafeRawBufferPointer(start: base + shift, count: size)
  }

  deinit { base.deallocate() }
}

/// A mapped file of zeros.
private final class ForeignFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  init(_ url: URL, size: Int) throws {
    let file = open(url.path, O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    try #require(file >= 0 && ftruncate(file, off_t(size)) == 0)
    let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
    try #require(start != MAP_FAILED)
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

@Suite struct `A resident weight` {
  private let engine = CPUEngine()
  private let numbers: [Float] = [1, -2, 3.5, 0.25, 8, -16]

  private func resident(shift: Int, as type: ElementType) -> (Tensor, Foreign) {
    let owner = Foreign(numbers, shift: shift)
    let tensor = engine.resident(
      owner.bytes, stored: .float32, [2, 3], as: type, owner: owner)
    return (tensor, owner)
  }

  @Test func `lies where it was`() {
    let (tensor, _) = resident(shift: 4, as: .float32)
    #expect(engine.floats(tensor) == numbers)
    #expect(engine.pool.usage.held == 0)
  }

  @Test(arguments: [0, 1, 2, 3])
  func `is copied from an address that does not suit it`(_ shift: Int) {
    let (tensor, _) = resident(shift: shift, as: .float32)
    #expect(engine.floats(tensor) == numbers)
    #expect((engine.pool.usage.held == 0) == (shift == 0))
  }

  @Test func `is converted once to another type`() {
    let (tensor, _) = resident(shift: 0, as: .bfloat16)
    #expect(tensor.type == .bfloat16)
    #expect(engine.floats(tensor) == numbers)
  }

  @Test func `keeps its owner`() {
    weak var owner: Foreign?
    do {
      let (tensor, bytes) = resident(shift: 0, as: .float32)
      owner = bytes
      let view = tensor.viewed(rows: 1..<2)
      #expect(engine.floats(view) == [0.25, 8, -16])
      #expect(owner != nil)
    }
    #expect(owner == nil)
  }

  @Test func `takes the memory of the pages of its file that were touched`() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    let (rows, width) = (2_048, 1_024)
    let pages = try ForeignFile(url, size: 4 * rows * width)
    let table = engine.resident(
      pages.bytes, stored: .float32, [rows, width], as: .float32, owner: pages)
    #expect(engine.residentBytes(of: table) == 0)
    _ = engine.rows(of: table, at: engine.tensor([Int32(1)], [1]), type: .float32)
    // A page, or the folio of at most 2 MB that it belongs to.
    let looked = engine.residentBytes(of: table)
    #expect((4_096...2 << 20).contains(looked), "\(looked)")
    #expect(engine.residentBytes(of: table.viewed(rows: 1..<2)) == 4 * width)
    #expect(engine.floats(table).allSatisfy { $0 == 0 })
    #expect(engine.residentBytes(of: table) == 4 * rows * width)
    #expect(engine.residentBytes(of: engine.zeros([3, 5], type: .float32)) == 60)
  }

  @Test func `is never written in place`() {
    let owner = Foreign(numbers, shift: 0)
    var tensor = engine.resident(
      owner.bytes, stored: .float32, [2, 3], as: .float32, owner: owner)
    engine.add(engine.filled(1, [2, 3]), scale: 1, to: &tensor)
    #expect(engine.floats(tensor) == numbers.map { $0 + 1 })
    let left = withExtendedLifetime(owner) { Array(owner.bytes) }
    #expect(left == numbers.withUnsafeBytes { Array($0) })
  }
}
