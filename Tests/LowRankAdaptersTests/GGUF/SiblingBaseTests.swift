import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// The same model as a GGUF file and as a folder in BF16.
@Suite struct `An adapter of a model that is stored in two ways` {
  private static func places(_ name: String) -> (file: URL, folder: URL) {
    let root = AdapterFixture.models.appending(path: "gguf")
    return (root.appending(path: "\(name).gguf"), root.appending(path: name))
  }

  private func saved(on base: URL, into folder: URL) throws {
    let adapter = try Adapter(
      on: Model(from: base, precision: .float32, engine: CPUEngine()), targets: .allLinear,
      update: .lora(rank: 2, alpha: 2, start: NonzeroStart()))
    try adapter.save(to: folder.path)
  }

  @Test(arguments: ["llama", "gemma3"], [false, true])
  func `loads on either, and says how far apart they are`(_ name: String, onFile: Bool) throws {
    let (file, folder) = Self.places(name)
    let (own, other) = onFile ? (file, folder) : (folder, file)
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "adapter")
      try saved(on: own, into: place)
      let same = try Adapter(
        from: place, on: Model(from: own, precision: .float32, engine: CPUEngine()))
      #expect(same.loading?.base == .same && same.loading?.notes.isEmpty == true)
      let sibling = try Adapter(
        from: place, on: Model(from: other, precision: .float32, engine: CPUEngine()))
      #expect(sibling.loading?.base == .sibling && sibling.loading?.warnings == [])
      let note = try #require(sibling.loading?.notes.first)
      let measured = try ModelFolder(at: own).relativeDifference(from: ModelFolder(at: other))
      #expect(measured > 0.001)
      #expect(
        note.hasSuffix(String(format: "the weights differ by %.2g %%", 100 * measured)), "\(note)")
      #expect(note.contains("F32") && note.contains("BF16"))
      #expect(sibling.storedTensors() == same.storedTensors())
    }
  }

  @Test func `warns if its own base is not there to compare with`() throws {
    let (file, folder) = Self.places("llama")
    try withTemporaryFolder { parent in
      let (copy, place) = (parent.appending(path: "x.gguf"), parent.appending(path: "adapter"))
      try FileManager.default.copyItem(at: file, to: copy)
      try saved(on: copy, into: place)
      #expect(try AdapterFolder(at: place).config.string("base_model_name_or_path") == copy.path)
      try FileManager.default.removeItem(at: copy)
      let loaded = try Adapter(
        from: place, on: Model(from: folder, precision: .float32, engine: CPUEngine()))
      #expect(loaded.loading?.notes == [])
      let warning = try #require(loaded.loading?.warnings.first)
      #expect(
        warning.contains("5 F32") && warning.hasSuffix("that base is not there"), "\(warning)")
    }
  }

  @Test func `is refused on another model`() throws {
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "adapter")
      try saved(on: Self.places("llama").file, into: place)
      let other = AdapterFixture.models.appending(path: "gguf/mistral.gguf")
      let text = message {
        try Adapter(from: place, on: Model(from: other, precision: .float32, engine: CPUEngine()))
      }
      #expect(text.contains("[check: fingerprint]"), "\(text)")
    }
  }

  @Test func `is refused on other weights of the same types, or far from those it was trained on`()
    throws
  {
    let (file, folder) = Self.places("llama")
    func changed(by factor: Float, as type: StoredType, in parent: URL) throws -> URL {
      let place = parent.appending(path: "changed")
      var model = try Model(from: folder, precision: .float32, engine: CPUEngine())
      for parameter in model.architecture.parameters where parameter.shape.rank == 2 {
        model.store[parameter] = model.engine.scaled(model.store[parameter], by: factor)
      }
      try model.save(to: place, as: type)
      return place
    }
    for (base, factor, type) in [
      (folder, 1.125, StoredType.bfloat16), (file, 3, .float32), (folder, 1.01, .float32),
    ]
      as [(URL, Float, StoredType)]
    {
      try withTemporaryFolder { parent in
        let place = parent.appending(path: "adapter")
        try saved(on: base, into: place)
        let other = try changed(by: factor, as: type, in: parent)
        #expect(try ModelFolder(at: other).identity() == ModelFolder(at: folder).identity())
        let text = message {
          try Adapter(from: place, on: Model(from: other, precision: .float32, engine: CPUEngine()))
        }
        #expect(text.contains("[check: fingerprint]"), "\(text)")
      }
    }
  }

  @Test func `is refused on the model that it was merged into`() throws {
    let (file, _) = Self.places("llama")
    try withTemporaryFolder { parent in
      let (place, merged) = (parent.appending(path: "adapter"), parent.appending(path: "merged"))
      try saved(on: file, into: place)
      let base = try Model(from: file, precision: .float32, engine: CPUEngine())
      let adapter = try Adapter(from: place, on: base)
      _ = try adapter.saveMerged(to: merged, provenOn: [[1, 2, 3, 4, 5]])
      #expect(try ModelFolder(at: merged).identity() == ModelFolder(at: file).identity())
      let text = message {
        try Adapter(from: place, on: Model(from: merged, precision: .float32, engine: CPUEngine()))
      }
      #expect(text.contains("[check: fingerprint]"), "\(text)")
    }
  }

  @Test func `of before identities were recorded loads on its own base alone`() throws {
    let (file, folder) = Self.places("llama")
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "adapter")
      try saved(on: folder, into: place)
      let weights = place.appending(path: "adapter_model.safetensors")
      let stored = try SafetensorsFile(at: weights)
      let text = try #require(stored.metadata["lowrank"]?.string)
      var facts = try #require(try JSONValue(parsing: text, from: "a test").object)
      #expect(
        facts["base_identity"] != nil && facts["base_storage"]?.string?.hasSuffix("BF16") == true)
      facts["base_identity"] = nil
      facts["base_storage"] = nil
      var metadata = stored.metadata
      metadata["lowrank"] = .string(JSONValue.object(facts).text())
      let rewritten = parent.appending(path: "rewritten")
      try SafetensorsFile.write(
        stored.tensors.map { TensorSource($0) }, metadata: metadata, to: rewritten)
      try FileManager.default.removeItem(at: weights)
      try FileManager.default.moveItem(at: rewritten, to: weights)
      let own = try Adapter(
        from: place, on: Model(from: folder, precision: .float32, engine: CPUEngine()))
      #expect(own.loading?.base == .same)
      let text2 = message {
        try Adapter(from: place, on: Model(from: file, precision: .float32, engine: CPUEngine()))
      }
      #expect(text2.contains("[check: fingerprint]"), "\(text2)")
    }
  }

  @Test func `goes to llama.cpp with the GGUF file as its model`() throws {
    let (file, folder) = Self.places("llama")
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "adapter")
      try saved(on: file, into: place)
      let stored = try StoredAdapter(at: place)
      let draft = EditableAdapter(
        stored, replacing: stored.modules.map { EditableAdapter.Module($0) })
      let (one, two) = (parent.appending(path: "1.gguf"), parent.appending(path: "2.gguf"))
      try draft.writeGGUF(to: one, model: file)
      try draft.writeGGUF(to: two, model: folder)
      #expect(try Data(contentsOf: one) == Data(contentsOf: two))
    }
  }
}
