import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// One method on one model, as it starts and moved away from there.
struct LawTrial {
  let name: String
  let fresh: Adapter
  /// The adapter with every trained number moved at random, so that whatever it adds shows.
  let moved: Adapter
  let seed: UInt64
  private(set) var checked: Set<Law> = []
  private(set) var violations: [LawViolation] = []

  /// Starts are rounded to single precision; all else is double.
  private static let tolerance = 1e-6

  static let ids: [Int32] = [3, 1, 4, 10, 5, 9, 2]

  init(name: String, fresh: Adapter, seed: UInt64) {
    self.name = name
    self.fresh = fresh
    self.seed = seed
    var moved = fresh
    var random = Philox(key: seed, stream: 2)
    for parameter in fresh.trainable {
      let numbers = fresh.base.engine.floats(fresh.values[parameter]).map {
        $0 + 0.3 * Float(random.normal())
      }
      moved.values[parameter] = fresh.base.engine.tensor(
        numbers, parameter.shape, type: .float32)
    }
    self.moved = moved
  }

  mutating func check() throws {
    let base = logits(of: fresh.base)
    expect(.freshIsSilent, logits(of: fresh), base, "the logits")
    try checkMerging()
    try checkFolder()
    checkGradients()
    checkGauge()
  }

  /// Records that a law was checked on numbers, and a violation where they differ.
  mutating func expect(
    _ law: Law, _ numbers: [Double], _ expected: [Double], _ what: String,
    within tolerance: Double = LawTrial.tolerance
  ) {
    let distance = relativeDistance(numbers, from: expected)
    expect(law, distance <= tolerance, "\(what) differ by a share of \(distance)")
  }

  mutating func expect(_ law: Law, _ holds: Bool, _ finding: String) {
    checked.insert(law)
    if !holds { violations.append(LawViolation(law: law, trial: name, finding: finding)) }
  }

  func logits(of adapter: Adapter) -> [Double] {
    adapter.base.engine.doubles(adapter.model.logits(Self.ids, adapters: adapter.selection))
  }

  func logits(of model: Model) -> [Double] { model.engine.doubles(model.logits(Self.ids)) }
}

extension LawTrial {
  private mutating func checkMerging() throws {
    let base = moved.base
    let before = base.architecture.parameters.map { base.engine.doubles(base.store[$0]) }
    let merged = try base.merging(moved)
    expect(.mergedIsUnmerged, logits(of: merged), logits(of: moved), "the logits")
    for (parameter, numbers) in zip(base.architecture.parameters, before) {
      expect(
        .baseIsKept, base.engine.doubles(base.store[parameter]) == numbers, "\(parameter) changed")
    }
  }

  private mutating func checkFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try moved.save(to: folder.path)
    let loaded = try Adapter(
      from: folder, on: moved.base, methods: [moved.configuration.method])
    expect(.loadedIsSaved, loaded.storedTensors() == moved.storedTensors(), "the tensors differ")
    expect(.loadedIsSaved, logits(of: loaded), logits(of: moved), "the logits")
  }
}
