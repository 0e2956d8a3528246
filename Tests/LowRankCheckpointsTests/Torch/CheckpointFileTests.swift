import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A file of tensors` {
  private let files = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../LowRankTorchTests/Fixtures").standardized

  @Test func `of torch has stored types, extents and numbers, in the file or in memory`() throws {
    let file = try CheckpointFile(at: files.appending(path: "2.13-zip-tensors.pt"))
    #expect(file.format == .torch && file.names.first == "float64")
    #expect(
      file.tensors.prefix(10).map(\.type) == [
        .float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool,
      ])
    for name in ["float64", "float32", "float16", "bfloat16"] {
      #expect(
        try file[TensorName(name)]?.floats() == [-50, -49, -48, -47, -45, -43, 50], "\(name)")
    }
    #expect(try file["int64"]?.int64s() == [-50, -49, -48, -47, -45, -43, 50])
    #expect(try file["uint8"]?.int64s() == [0, 1, 2, 3, 5, 7, 100])
    #expect(try file["bool"]?.int64s() == [0, 1, 1, 1, 1, 1, 1])
    let (base, permuted) = (try #require(file["base"]), try #require(file["permuted"]))
    #expect(base.shape == [3, 4, 5] && permuted.shape == [5, 3, 4])
    #expect(try permuted.floats()[1] == base.floats()[5])
    #expect(base.file.path == permuted.file.path && base.file !== permuted.file)
  }

  @Test func `keeps tensors that were put in order after the file is forgotten`() throws {
    func expanded() throws -> StoredTensor? {
      try CheckpointFile(at: files.appending(path: "2.13-legacy-tensors.pt"))["expanded"]
    }
    #expect(try expanded()?.floats() == [1.5, 1.5, 1.5, -2.5, -2.5, -2.5])
  }

  @Test func `is refused with a tensor of it where the file changed meanwhile`() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: files.appending(path: "2.13-zip-tensors.pt"))
    let url = try folder.file("a.pt", [UInt8](bytes))
    let file = try CheckpointFile(at: url)
    let handle = try FileHandle(forWritingTo: url)
    try handle.write(contentsOf: Data("changed".utf8))
    try handle.close()
    for name in ["base", "permuted"] {
      let error = #expect(throws: FileError.self) { try file[TensorName(name)]?.floats() }
      #expect(error?.reason == "it changed while it was open")
    }
  }

  @Test func `is read by its name, and known by its beginning`() throws {
    let folder = try TemporaryFolder()
    #expect(CheckpointFile.isTorchFile(files.appending(path: "1.13-legacy-state.pt")))
    #expect(CheckpointFile.isTorchFile(files.appending(path: "2.13-zip-state.pt")))
    let text = try folder.file("notes.pt", Array("no tensors".utf8))
    #expect(!CheckpointFile.isTorchFile(text))
    let error = #expect(throws: (any Error).self) { try CheckpointFile(at: text) }
    #expect("\(error, default: "")".contains("is no file of torch"))
    let named = try folder.file("a.safetensors", Array("no tensors".utf8))
    #expect(throws: SafetensorsError.self) { try CheckpointFile(at: named) }
  }
}
