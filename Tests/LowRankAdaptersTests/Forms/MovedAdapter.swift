import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers

/// Adapters with every trained number moved at random, as after training.
enum MovedAdapter {
  static func made(
    _ method: any Method, on model: Model, targets: Target = .allLinear, rank: Int = 2
  ) throws -> Adapter {
    let fresh = try Adapter(
      on: model, targets: targets,
      update: AdapterUpdate(method, PatternRanks(rank: rank, alpha: 3)))
    return moved(fresh)
  }

  static func moved(_ fresh: Adapter) -> Adapter {
    var moved = fresh
    var random = Philox(key: 5)
    for parameter in fresh.trainable {
      let numbers = fresh.base.engine.floats(fresh.values[parameter]).map {
        $0 + 0.3 * Float(random.normal())
      }
      moved.values[parameter] = fresh.base.engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return moved
  }

  /// Calls with a folder that holds the adapter.
  @discardableResult
  static func saved<Result>(_ adapter: Adapter, _ use: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try adapter.save(to: folder.path)
    return try use(folder)
  }
}

extension Adapter {
  /// ΔW of a site as the update makes it, row-major.
  func delta(of index: Int) -> [Double] {
    let (map, engine) = (sites[index].map, base.engine)
    let pass = Pass(
      compute: Computation(engine: engine), store: values, rows: PackedRows(lengths: []))
    let weight = map.dense(base.store, engine)
    let adapted = engine.doubles(updates[index].adaptedWeight(weight, pass))
    return zip(adapted, engine.doubles(weight)).map { $0 - $1 }
  }
}

extension LoRAForm {
  /// `s·B A`, row-major.
  var product: [Double] {
    HostMatrix<Double>(widening: up).multiplied(by: HostMatrix<Double>(widening: down)).elements
      .map { Double(scale) * $0 }
  }
}
