import LowRankAdapters
import LowRankCompression
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Synchronization
import Testing

/// Data on which an adapter's quality depends on its size alone, as a test says.
private final class MadeData: QualityData {
  private let quality: @Sendable (Int) -> Quality
  private let sizes = Mutex<[Int]>([])

  init(_ quality: @escaping @Sendable (Int) -> Quality) { self.quality = quality }

  /// The parameters of the adapters that were measured, in order.
  var measured: [Int] { sizes.withLock { $0 } }

  func quality(of adapter: Adapter, batchSize: Int) -> Quality {
    sizes.withLock { $0.append(adapter.parameterCount) }
    return quality(adapter.parameterCount)
  }

  func divergence(of other: Adapter, from adapter: Adapter, batchSize: Int) -> Double { 0 }
}

@Suite struct `A search by quality` {
  private let made: MadeAdapter

  init() throws {
    var modules: [MadeAdapter.Module] = []
    for index in 0..<4 {
      let (layer, name) = (index / 2, index % 2 == 0 ? "q_proj" : "o_proj")
      let (up, down) = (noise(8, 6, seed: UInt64(index)), noise(6, 8, seed: UInt64(index + 9)))
      modules.append(
        MadeAdapter.Module(
          path: "model.layers.\(layer).self_attn.\(name)", up: up, down: down))
    }
    made = try MadeAdapter(modules)
  }

  private func search(
    _ data: MadeData, _ bound: QualityBound, in kind: ([Spectrum]) -> PolicyFamily,
    onProgress: (QualitySearch.Progress) -> Void = { _ in }
  ) throws -> QualitySearch {
    let stored = try made.stored()
    let compression = try Compression(stored)
    let meter = try QualityMeter(stored, on: TinyModels.llama(on: CPUEngine()), data: data)
    return try QualitySearch(
      meter, of: compression, in: kind(compression.spectra), within: bound,
      onProgress: onProgress)
  }

  /// Each component of any module has 16 parameters.
  private static func loss(_ parameters: Int) -> Quality {
    Quality(loss: 100 / Double(parameters / 16), count: 20, metrics: [:])
  }

  @Test func `by loss halves, and states how many adapters it measured`() throws {
    let data = MadeData(Self.loss)
    let search = try search(
      data, .loss(atMost: 100 / 9.0), in: PolicyFamily.largestComponents)
    #expect(search.ranks.reduce(0, +) == 9 && search.point?.rank == 9)
    // 24 components take at most 5 halvings; the whole adapter is measured by the meter.
    #expect(search.evaluations <= 5 && search.evaluations == data.measured.count - 1)
  }

  @Test func `by a metric that moves up and down finds one that was measured to be good enough`()
    throws
  {
    for step in 2...7 {
      let data = MadeData { parameters in
        let rank = parameters / 16
        let accuracy = rank % step == 0 || rank == 24 ? 0.9 : 0.5 + 0.01 * Double(rank)
        return Quality(loss: 1, count: 20, metrics: [.accuracy: accuracy])
      }
      let search = try search(
        data, QualityBound(metric: .accuracy, limit: 0.8), in: PolicyFamily.largestComponents)
      let rank = search.ranks.reduce(0, +)
      #expect(rank == 24 || (rank % step == 0 && search.point?.quality.value(.accuracy) == 0.9))
      #expect(rank == 24 || data.measured.contains(16 * rank))
      #expect(data.measured.contains(16 * (rank - 1)), "one component fewer was measured")
      #expect(search.evaluations == data.measured.count - 1 && search.evaluations <= 9)
    }
  }

  @Test func `keeps the whole adapter if nothing smaller is good enough`() throws {
    let data = MadeData(Self.loss)
    let search = try search(data, .loss(atMost: 100 / 24.0), in: PolicyFamily.largestComponents)
    #expect(search.ranks == [6, 6, 6, 6] && search.point == nil && search.evaluations == 5)
  }

  @Test func `measures policies that keep the same once`() throws {
    let data = MadeData(Self.loss)
    let search = try search(data, .loss(atMost: 100 / 9.0)) { _ in .moduleEnergy() }
    let measured = data.measured.dropFirst()
    #expect(search.evaluations == measured.count && measured.count <= 10)
    #expect(search.point?.quality.loss ?? .infinity <= 100 / 9.0)
  }

  @Test func `tells which evaluation is under way`() throws {
    var told: [QualitySearch.Progress] = []
    let search = try search(
      MadeData(Self.loss), .loss(atMost: 100 / 9.0), in: PolicyFamily.largestComponents
    ) { told.append($0) }
    #expect(told.map(\.evaluation) == Array(1...search.evaluations))
    #expect(told.allSatisfy { $0.mostEvaluations == 5 && $0.rank > 0 })
    #expect(told.first?.rank == 12)
  }
}
