import Foundation
import LowRankCheckpoints
import LowRankTensors

/// SoRA: after each step of the optimizer gates are drawn to zero, `g ← sign(g) max(|g| − ηλ, 0)`, where directions are gone.
///
/// That is the proximal step of `λ‖g‖₁` at the learning rate η. A gate opens again where its gradient is large enough. AdamW moves
/// a gate by up to about η a step, so that gradients decide which gates stay open where λ is about 1, and none does where it is 3.
/// Ding et al., "Sparse Low-rank Adaptation of Pre-trained Language Models", EMNLP 2023, arXiv 2311.11696.
struct SoRA: RankAllocator {
  private let penalty: Double
  private let modules: [(path: String, gates: [GatedUpdate])]
  /// Of each gate parameter the directions that are left.
  private var open: [Parameter: [Bool]] = [:]

  init(_ adapter: Adapter, _ options: MethodOptions) {
    penalty = options.number("lambda")
    modules = zip(adapter.sites, adapter.updates).map { site, update in
      let parts = (update as? SlicedUpdate)?.updates ?? [update]
      return (site.path, parts.compactMap { $0 as? GatedUpdate })
    }
    for gate in modules.flatMap(\.gates) {
      open[gate.gates] = [Bool](repeating: true, count: gate.gates.shape[0])
    }
  }

  var ranks: [String: Int]? {
    Dictionary(
      uniqueKeysWithValues: modules.map { path, gates in
        (path, gates.reduce(0) { $0 + (open[$1.gates] ?? []).count { $0 } })
      })
  }

  /// Gates start from N(0, 1): where all steps together draw them by less than half a deviation, few can close.
  func idleReason(rates: Double) -> String? {
    guard penalty > 0 else {
      return "lambda is 0, so no gate closes; give lambda=1"
    }
    guard penalty * rates < 0.5 else { return nil }
    let drawn = String(format: "%.2g", penalty * rates)
    return """
      gates start from N(0, 1), and all steps together draw them to zero by \(drawn) at most, so few \
      close; give more steps or a higher learning rate
      """
  }

  mutating func allocate(after step: RankStep, in store: inout ParameterStore) -> [RankChange] {
    let threshold = Float(step.rate * penalty)
    var changes: [RankChange] = []
    for gate in modules.flatMap(\.gates) {
      let before = open[gate.gates] ?? []
      let numbers = step.engine.floats(store[gate.gates]).map { number in
        let rest = max(abs(number) - threshold, 0)
        return number < 0 ? -rest : rest
      }
      store[gate.gates] = step.engine.tensor(numbers, gate.gates.shape, type: .float32)
      let now = numbers.map { $0 != 0 }
      open[gate.gates] = now
      // What has gone at this step would go on by its momentum.
      guard zip(before, now).contains(where: { $0 && !$1 }) else { continue }
      for (parameter, isTurned) in [(gate.gates, true), (gate.down, false), (gate.up, true)] {
        let width = parameter.shape.columns
        changes.append(
          .mask(
            parameter,
            (0..<parameter.shape.count).map { index in
              let direction = isTurned ? index % width : index / width
              return before[direction] && !now[direction] ? 0 : 1
            }))
      }
    }
    return changes
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] {
    var state: [TensorName: Tensor] = [:]
    for (gate, flags) in open { state[TensorName("\(gate.path).open")] = engine.row(flags) }
    return state
  }

  mutating func restore(_ state: [TensorName: Tensor], on engine: any Engine) throws {
    let state = RankState(state, engine)
    for gate in open.keys {
      open[gate] = try state.flags("\(gate.path).open", count: gate.shape[0])
    }
  }

  /// With which a share of the gates closes that depends on the data; the authors' threshold, 0.375 of their highest rate, closes
  /// none with AdamW where it follows the rate as the equation says.
  private static let standardPenalty = 1.0

  static let entry = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "sora", title: "SoRA",
      citation: "Ding et al., \"Sparse Low-rank Adaptation of Pre-trained Language Models\", "
        + "EMNLP 2023, arXiv 2311.11696",
      equation: "g ← sign(g) max(|g| − ηλ, 0) after each step, η the learning rate",
      mechanism:
        "The proximal step of an L1 norm closes the gates of directions whose gradient does "
        + "not keep them open.",
      useWhen: "Choose it to let a larger rank shrink where a task does not need it; it takes "
        + "the method gated, and files hold the open directions alone. Gates start from N(0, 1) "
        + "and move by about the learning rate a step, so that it takes long runs or high rates.",
      options: [
        .rslora(),
        .number(
          "lambda", default: standardPenalty, in: 0..<Double.infinity,
          "How strongly gates are drawn to zero, as a multiple of the learning rate: 0.75 closes "
            + "few gates, 1.5 most, 3 all, whatever the data."),
      ])
  ) { options in
    RankRule(
      isRankStabilized: options.boolean("rslora"), architectures: ["gated"],
      reason: "it closes gates, which gated has",
      allocator: { adapter, _, _ in SoRA(adapter, options) })
  }
}
