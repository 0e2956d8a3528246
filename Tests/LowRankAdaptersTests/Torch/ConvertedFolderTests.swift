import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `An adapter of mlx-lm or llama.cpp` {
  /// Lends an adapter of PEFT, and the same in the format of another tool.
  private func withConverted(
    _ format: AdapterFormat, _ body: (URL, URL, Model) throws -> Void
  ) throws {
    let fixture = AdapterFixture(name: "llama2-default")
    try withTemporaryFolder { folder in
      let stored = try StoredAdapter(at: fixture.folder)
      let draft = EditableAdapter(stored, replacing: stored.modules.map { .init($0) })
      let place = folder.appending(path: format == .gguf ? "a.gguf" : "a")
      if format == .gguf {
        try draft.writeGGUF(to: place, model: fixture.baseFolder)
      } else {
        try publishFolder(at: place) { try draft.write(as: .mlx, into: $0) }
      }
      try body(fixture.folder, place, fixture.base())
    }
  }

  @Test(arguments: [AdapterFormat.mlx, .gguf])
  func `is loaded onto a model as PEFT's own`(format: AdapterFormat) throws {
    try withConverted(format) { original, converted, base in
      let (own, other) = (
        try Adapter(from: original, on: base), try Adapter(from: converted, on: base)
      )
      let ids: [Int32] = [1, 7, 3, 22, 5]
      let expected = base.engine.floats(own.model.logits(ids, adapters: own.selection))
      #expect(
        base.engine.floats(other.model.logits(ids, adapters: other.selection)) == expected)
      #expect(base.engine.floats(base.logits(ids)) != expected)
      #expect(other.loading?.modules == own.loading?.modules)
    }
  }

  @Test(arguments: [AdapterFormat.mlx, .gguf])
  func `is a folder of PEFT in memory`(format: AdapterFormat) throws {
    try withConverted(format) { original, converted, base in
      let (own, other) = (
        try AdapterFolder(at: original), try AdapterFolder(at: converted, model: base.folder?.url)
      )
      #expect(other.format == format && own.format == .peft)
      #expect(Set(other.file.names) == Set(own.file.names))
      for tensor in own.file.tensors {
        #expect(try other.file[tensor.name]?.floats() == tensor.floats())
      }
      guard case .causal = try other.head else { return #expect(Bool(false), "no causal model") }
    }
  }
}
