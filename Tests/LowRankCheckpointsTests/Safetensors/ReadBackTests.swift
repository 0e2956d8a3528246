import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

/// What every save does before it is published.
@Suite struct `A tensor that is read back` {
  private let source = TensorSource("a", [2, 2], floats: [1, 2, 3, 4])

  private func stored(_ tensor: TensorSource) throws -> (StoredTensor, URL) {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try SafetensorsFile.write([tensor], to: url)
    return (try SafetensorsFile(at: url).tensors[0], url)
  }

  @Test func `is told from one that differs`() throws {
    let others = [
      TensorSource("a", [2, 2], floats: [1, 2, 3, 4.0000005]),
      TensorSource("a", [4], floats: [1, 2, 3, 4]),
      TensorSource("a", [2, 2], floats: [1, 2, 3, 4], as: .bfloat16),
      TensorSource("a", [2, 1], floats: [1, 2]),
    ]
    for (tensor, isSame) in [(source, true)] + others.map({ ($0, false) }) {
      let (read, url) = try stored(tensor)
      defer { try? FileManager.default.removeItem(at: url) }
      #expect(try source.isStored(as: read) == isSame)
    }
  }

  @Test func `may come in pieces`() throws {
    let (read, url) = try stored(source)
    defer { try? FileManager.default.removeItem(at: url) }
    func pieces(_ count: Int) -> TensorSource {
      TensorSource("a", .float32, [2, 2]) { sink in
        try read.withBytes { bytes in
          for start in stride(from: 0, to: count, by: 3) {
            try sink(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 3, count)]))
          }
        }
      }
    }
    #expect(try pieces(16).isStored(as: read))
    #expect(try !pieces(13).isStored(as: read))
  }
}
