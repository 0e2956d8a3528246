import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `Writing a merged model` {
  private let fixture = AdapterFixture(name: "llama2-default")
  private let samples: [[Int32]] = [[1, 2, 3, 4], [9, 8]]

  @Test(arguments: [StoredType.float32, .bfloat16, .float16])
  func `measures what was written, in the type it was written in`(_ type: StoredType) throws {
    let adapter = try fixture.adapter()
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "merged")
      let proof = try adapter.saveMerged(to: place, as: type, provenOn: samples)
      #expect(proof.types == [type] && proof.check.tokens == 6)
      #expect(proof.check.effect > 0.01)
      #expect((proof.check.largestDifference > 1e-4) == (type != .float32))
      let again = MergeCheck(
        try Model(from: place, precision: .float32, engine: CPUEngine()), adapter, on: samples)
      #expect(again == proof.check)
      let kept = try JSONFile(at: place.appending(path: "lowrank.json")).object["merge"]?.object
      #expect(kept == proof.json)
      #expect(kept?["kl"]?.double == proof.check.divergence)
      let base = try ModelFolder(at: fixture.baseFolder).fingerprint()
      #expect(kept?["base_fingerprint"]?.string == base.description)
    }
  }

  @Test func `leaves nothing behind beyond its limits`() throws {
    let adapter = try fixture.adapter()
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "merged")
      for limits in [MergeLimits(divergence: 1e-12), MergeLimits(difference: 1e-6)] {
        let refusal = message {
          try adapter.saveMerged(to: place, as: .bfloat16, provenOn: samples, limits: limits)
        }
        #expect(refusal.hasPrefix("the merged model differs from base and adapter: the "))
        #expect(refusal.contains("so nothing was written"))
        let left = try FileManager.default.contentsOfDirectory(atPath: parent.path)
        #expect(left.isEmpty)
      }
    }
  }

  @Test func `leaves what was there before beyond its limits`() throws {
    let adapter = try fixture.adapter()
    try withTemporaryFolder { parent in
      let place = parent.appending(path: "merged")
      _ = try adapter.saveMerged(to: place, provenOn: samples)
      let before = try Data(contentsOf: place.appending(path: "model.safetensors"))
      #expect(throws: AdapterError.self) {
        try adapter.saveMerged(
          to: place, overwrite: true, as: .bfloat16, provenOn: samples,
          limits: MergeLimits(divergence: 1e-12))
      }
      #expect(try Data(contentsOf: place.appending(path: "model.safetensors")) == before)
    }
  }

  @Test func `never writes over, around or into the base, whatever links lead there`() throws {
    try withTemporaryFolder { root in
      let base = root.appending(path: "outer/base")
      try FileManager.default.createDirectory(
        at: root.appending(path: "outer"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: fixture.baseFolder.resolvingSymlinksInPath(), to: base)
      func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
          atPath: root.appending(path: name).path, withDestinationPath: target)
      }
      try link("link", to: "outer/base")
      try link("outer-link", to: "outer")
      // A base whose weights lie elsewhere, as in a cache of downloads.
      let linked = root.appending(path: "linked")
      try FileManager.default.createDirectory(at: linked, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: base.path) {
        try link("linked/\(name)", to: "../outer/base/\(name)")
      }
      for folder in [base, linked, root.appending(path: "link")] {
        let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
        let adapter = try Adapter(from: fixture.folder, on: model)
        let places = [
          "outer/base", "outer", "link", "outer-link", "outer-link/base", ".", "link/../base",
          "outer/../link", "nowhere/../outer/base",
        ]
        for place in places + (folder == linked ? ["linked", "linked/new"] : ["link/new/er"]) {
          #expect(throws: ModelError.self, "\(place)") {
            try adapter.saveMerged(
              to: root.appending(path: place), overwrite: true, provenOn: samples)
          }
        }
      }
      let content = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
      #expect(content == ["link", "linked", "outer", "outer-link"])
      let kept = try ModelFolder(at: base).fingerprint()
      #expect(try kept == ModelFolder(at: fixture.baseFolder).fingerprint())
    }
  }
}
