import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// The fixtures hold the same models as GGUF files of few bits and as folders in BF16.
@Suite struct `A start that makes up for quantisation` {
  private static func places(_ name: String) -> (file: URL, folder: URL) {
    let root = AdapterFixture.models.appending(path: "gguf")
    return (root.appending(path: "\(name).gguf"), root.appending(path: name))
  }

  private func adapter(_ name: String, rank: Int, targets: Target = .allLinear) throws -> (
    Adapter, dense: Model
  ) {
    let (file, folder) = Self.places(name)
    let base = try Model(from: file, precision: .float32, engine: CPUEngine())
    let dense = try Model(from: folder, precision: .float32, engine: CPUEngine())
    return (
      try Adapter(
        on: base, targets: targets,
        update: .lora(rank: rank, alpha: Double(3 * rank), start: LoftQStart(dense: folder))),
      dense
    )
  }

  @Test(arguments: ["llama", "gemma3"])
  func `is the best approximation of what each weight lost`(name: String) throws {
    let (adapter, dense) = try adapter(name, rank: 4)
    var weights: [String: HostMatrix<Double>] = [:]
    dense.architecture.places { site, place in
      guard case .linear(let map) = place else { return }
      let numbers = dense.engine.floats(map.dense(dense.store, dense.engine))
      weights[site.path] = HostMatrix<Double>(
        numbers.map { Double($0) }, rows: map.outputs, columns: map.inputs)
    }
    var corrected = 0
    for (index, site) in adapter.sites.enumerated() {
      let base = adapter.base
      let own = base.engine.floats(site.map.dense(base.store, base.engine)).map { Double($0) }
      let weight = try #require(weights[site.path])
      let lost = weight.subtracting(
        HostMatrix(own, rows: weight.rows, columns: weight.columns))
      let form = try adapter.form(of: index)
      let rest = zip(lost.elements, form.product).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let values = try SingularValueDecomposition(lost).values
      let least = values.dropFirst(4).reduce(0) { $0 + $1 * $1 }
      guard lost.frobeniusNorm > 0 else {
        // A weight that lost nothing is trained from LoRA's own start.
        #expect(form.product.allSatisfy { $0 == 0 } && form.down.elements.contains { $0 != 0 })
        continue
      }
      corrected += 1
      #expect(abs(rest - least) < 1e-6 * lost.frobeniusNorm * lost.frobeniusNorm, "\(site.path)")
    }
    #expect(corrected > adapter.sites.count / 2)
  }

  @Test(arguments: ["llama", "gemma3"])
  func `brings the logits nearer to those of the dense model`(name: String) throws {
    let (adapter, dense) = try adapter(name, rank: 16)
    let ids: [Int32] = [4, 9, 7, 12, 5, 20, 11, 6]
    func distance(_ selection: AdapterSelection) -> Double {
      let model = adapter.model
      let logits = model.engine.doubles(model.logits(ids, adapters: selection))
      return relativeDistance(logits, from: dense.engine.doubles(dense.logits(ids)))
    }
    #expect(distance(adapter.selection) < distance(.none))
  }

  @Test func `is refused for a dense model of other maps`() throws {
    let (file, _) = Self.places("llama")
    let (_, folder) = Self.places("gemma3")
    #expect {
      _ = try Adapter(
        on: Model(from: file, precision: .float32, engine: CPUEngine()), targets: .allLinear,
        update: .lora(rank: 2, start: LoftQStart(dense: folder)))
    } throws: {
      "\($0)".contains("has no map of this name and these extents")
        && "\($0)".contains("init loftq:dense=PATH")
    }
  }
}
