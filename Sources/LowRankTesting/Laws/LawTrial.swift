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
    try checkForms()
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

  /// A method that is saved as a LoRA is read back as that, and continued from its own factors.
  private mutating func checkFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try moved.save(to: folder.path)
    for isContinued in [true, false] {
      let loaded = try Adapter(
        from: folder, on: moved.base, methods: [moved.configuration.method],
        toContinue: isContinued)
      if loaded.configuration.method.name == moved.configuration.method.name {
        expect(
          .loadedIsSaved, loaded.storedTensors() == moved.storedTensors(), "the tensors differ")
      }
      expect(.loadedIsSaved, logits(of: loaded), logits(of: moved), "the logits")
    }
  }

  /// Compares what a form makes of each weight with what the update makes of it.
  private mutating func checkForms() throws {
    let (base, engine) = (moved.base, moved.base.engine)
    let pass = Pass(
      compute: Computation(engine: engine), store: moved.values, rows: PackedRows(lengths: []))
    for (index, (site, update)) in zip(moved.sites, moved.updates).enumerated() {
      let form = try moved.form(of: index)
      let weight = site.map.dense(base.store, engine)
      let adapted = engine.doubles(update.adaptedWeight(weight, pass))
      expect(
        .formIsUpdate, form.applied(to: engine.doubles(weight)), adapted,
        "the weights of \(site.path)")
    }
  }
}

extension LoRAForm {
  /// `W + s·B A`, with DoRA's magnitudes `diag(m / ‖W + s·B A‖)(W + s·B A)`, row-major.
  fileprivate func applied(to weight: [Double]) -> [Double] {
    let (rows, columns) = (up.rows, down.columns)
    var result = weight
    for row in 0..<rows {
      for index in 0..<rank {
        let factor = Double(scale) * Double(up[row, index])
        for column in 0..<columns {
          result[row * columns + column] += factor * Double(down[index, column])
        }
      }
      guard let magnitude else { continue }
      let range = row * columns..<(row + 1) * columns
      let norm = result[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in range { result[place] *= Double(magnitude[row]) / norm }
    }
    return result
  }
}
