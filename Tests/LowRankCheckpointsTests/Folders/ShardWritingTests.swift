import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `Weights that we write` {
  let model: ModelFolder
  let folder: TemporaryFolder

  init() throws {
    model = try ModelFolder(at: fixture("single"))
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: model.config.url, to: folder.url.appending(path: "config.json"))
  }

  @Test(arguments: [(1, 28), (500, 6), (1000, 3), (2287, 2), (2288, 1)])
  func `are spread over shards of at most a size, and read back`(limit: Int, shards: Int) throws {
    try ModelFolder.writeWeights(
      model.tensors.map { TensorSource($0) }, shardLimit: limit, to: folder.url)
    let written = try ModelFolder(at: folder.url)
    #expect(written.files.count == shards)
    for file in written.files where file.tensors.count > 1 {
      #expect(file.tensors.reduce(0) { $0 + $1.byteCount } <= limit)
    }
    #expect(written.names == model.names)
    for name in model.names {
      #expect(try written.tensor(name).floats() == model.tensor(name).floats())
    }
    #expect(try folder.contents.contains("model.safetensors") == (shards == 1))
  }

  @Test func `are byte for byte those that transformers has read`() throws {
    try ModelFolder.writeWeights(
      model.tensors.map { TensorSource($0) }, shardLimit: 1000, to: folder.url)
    let names = try folder.contents.filter { $0 != "config.json" }
    #expect(
      try names
        == FileManager.default.contentsOfDirectory(atPath: fixture("written").path).sorted())
    for name in names {
      #expect(
        try Data(contentsOf: folder.url.appending(path: name))
          == Data(contentsOf: fixture("written").appending(path: name)),
        "after a change of the writer, run Oracles/safetensors_roundtrip.py on the new file")
    }
  }

  @Test func `have no name twice, in whichever shard`() throws {
    let tensor = TensorSource("a", [2], floats: [1, 2])
    for limit in [8, 16] {
      #expect(throws: SafetensorsError.self) {
        try ModelFolder.writeWeights([tensor, tensor], shardLimit: limit, to: folder.url)
      }
    }
  }
}
