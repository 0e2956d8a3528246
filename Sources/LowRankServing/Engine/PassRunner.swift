import Foundation
import LowRank

/// The tokens of a sequence that a pass reads.
struct PassStep {
  let sequence: RunningSequence
  /// How many of them.
  let count: Int

  /// Whether the pass reads the last token that there is, so that another one can be chosen.
  var isLast: Bool { sequence.computed + count == sequence.tokens.count }
}

/// What a pass leads to for a sequence.
enum PassResult {
  /// Its prompt goes on.
  case nothing
  /// A token was chosen.
  case token(Int32, LogProbabilities?)
  /// The prompt was read, and no token is wanted.
  case promptOnly
  /// The logits are not finite.
  case notFinite
}

/// Runs passes on a model with the adapters that were installed.
struct PassRunner {
  /// The rows of logits that are computed at once.
  private static let headRows = 64

  private var model: Model
  private var installed: Set<AdapterName> = []

  init(_ model: Model) { self.model = model }

  /// Adds a version to the model, if it is applied beside others and is not there.
  mutating func install(_ version: AdapterVersion) {
    guard version.isMixed, installed.insert(version.passName).inserted else { return }
    model.install(version)
  }

  /// Takes a version out of the model.
  mutating func uninstall(_ version: AdapterVersion) {
    guard installed.remove(version.passName) != nil else { return }
    model.uninstall(version)
  }

  /// Divides steps into passes: one for all adapters that are applied beside others, and one for each other adapter.
  ///
  /// Steps of one mix of adapters are neighbours.
  static func passes(of steps: [PassStep]) -> [[PassStep]] {
    var groups: [(alone: AdapterVersion?, steps: [PassStep])] = []
    for step in steps {
      let alone = step.sequence.request.mix.alone
      if let place = groups.firstIndex(where: { $0.alone === alone }) {
        groups[place].steps.append(step)
      } else {
        groups.append((alone, [step]))
      }
    }
    return groups.map { group in
      group.steps.enumerated().sorted { a, b in
        let (left, right) = (a.element.sequence.mixKey, b.element.sequence.mixKey)
        return left == right ? a.offset < b.offset : left < right
      }.map(\.element)
    }
  }

  /// Runs one pass; the results are in the order of the steps.
  func run(_ steps: [PassStep], cache: PagedKeyValues) -> [PassResult] {
    let sequences = steps.map(\.sequence)
    let rows = PackedRows(lengths: steps.map(\.count), starts: sequences.map(\.computed))
    let use = CacheUse(cache, pages: sequences.map(\.pages), rows: rows, engine: model.engine)
    var (model, selection) = (self.model, Self.selection(steps, rows))
    var constants: StopGradientCache?
    if let alone = sequences[0].request.mix.alone,
      case .alone(let own, let ownSelection, let ownConstants) = alone.use
    {
      (model, selection, constants) = (own, ownSelection, ownConstants.value)
    }
    var pass = model.pass(rows, adapters: selection, cache: use)
    pass.constants = constants
    let ids = steps.flatMap { step in
      step.sequence.tokens[step.sequence.computed..<step.sequence.computed + step.count]
    }
    let hidden = model.architecture.hidden(model.engine.tensor(ids, [ids.count]), pass)
    return results(steps, rows, hidden, model, pass)
  }

  /// Which adapters apply to which rows.
  private static func selection(_ steps: [PassStep], _ rows: PackedRows) -> AdapterSelection {
    var parts: [AdapterSelection.Part] = []
    var first = 0
    while first < steps.count {
      let key = steps[first].sequence.mixKey
      var last = first
      while last + 1 < steps.count, steps[last + 1].sequence.mixKey == key { last += 1 }
      let range = rows.segments[first].lowerBound..<rows.segments[last].upperBound
      // What applies to all rows is added in one operation, as where the adapter is alone.
      let isWhole = range.count == rows.count
      for part in steps[first].sequence.request.mix.parts {
        parts.append(
          .init(
            name: part.version.passName, rows: isWhole ? nil : range, scale: part.scale))
      }
      first = last + 1
    }
    return .adding(parts)
  }

  /// What the logits of a pass lead to.
  private func results(
    _ steps: [PassStep], _ rows: PackedRows, _ hidden: Tensor, _ model: Model, _ pass: Pass
  ) -> [PassResult] {
    var wanted: [(step: Int, row: Int32)] = []
    for (index, step) in steps.enumerated() {
      let segment = rows.segments[index]
      if step.sequence.needsPromptLogits {
        wanted += segment.map { (index, Int32($0)) }
      } else if step.isLast {
        wanted.append((index, Int32(segment.upperBound - 1)))
      }
    }
    var results = [PassResult](repeating: .nothing, count: steps.count)
    for start in stride(from: 0, to: wanted.count, by: Self.headRows) {
      let block = Array(wanted[start..<min(start + Self.headRows, wanted.count)])
      var logits = model.engine.floats(
        model.causal.logits(ofHidden: hidden, at: block.map(\.row), pass))
      let width = logits.count / block.count
      logits.withUnsafeMutableBufferPointer { logits in
        let base = Handover(logits)
        let rows = Handover(block)
        var found = [PassResult](repeating: .nothing, count: block.count)
        found.withUnsafeMutableBufferPointer { found in
          let found = Handover(found)
          // Rows of a large vocabulary are worth a thread each.
          let work = { (index: Int) in
            let (step, row) = rows.value[index]
            let numbers = UnsafeMutableBufferPointer(
              rebasing: base.value[index * width..<(index + 1) * width])
            let position = Int(row) - pass.rows.segments[step].lowerBound
            found.value[index] = Self.result(steps[step], position, numbers)
          }
          let isLarge = block.count > 1 && width * block.count > 1 << 18
          let isApart = Set(block.map(\.step)).count == block.count
          if isLarge, isApart {
            let shared = Handover(work)
            DispatchQueue.concurrentPerform(iterations: block.count) { shared.value($0) }
          } else {
            for index in block.indices { work(index) }
          }
        }
        for (index, result) in found.enumerated() {
          let step = block[index].step
          if case .notFinite = results[step] { continue }
          if case .nothing = result { continue }
          results[step] = result
        }
      }
    }
    return results
  }

  /// What one row of logits leads to.
  ///
  /// - Parameter position: the row's place among those of the step.
  private static func result(
    _ step: PassStep, _ position: Int, _ logits: UnsafeMutableBufferPointer<Float>
  ) -> PassResult {
    let (sequence, request) = (step.sequence, step.sequence.request)
    let row = UnsafeBufferPointer(logits)
    guard LogitRow(row).isFinite else { return .notFinite }
    let next = sequence.computed + position + 1
    if sequence.needsPromptLogits, let count = request.promptTopCount, next < request.prompt.count {
      sequence.promptEntries[next] = LogProbabilities(
        row, chosen: request.prompt[next], top: count)
    }
    guard step.isLast, position == step.count - 1 else { return .nothing }
    guard request.maxTokens > 0 else { return .promptOnly }
    let chooser = TokenChoice(rule: request.rule)
    let token: Int
    if request.rule.changesLogits {
      let raw = request.topCount == nil ? [] : Array(row)
      chooser.change(logits, added: sequence.added) { sequence.seen }
      token = chooser.token(from: row, &sequence.random)
      if let count = request.topCount {
        return raw.withUnsafeBufferPointer {
          .token(Int32(token), LogProbabilities($0, chosen: Int32(token), top: count))
        }
      }
      return .token(Int32(token), nil)
    }
    token = chooser.token(from: row, &sequence.random)
    return .token(
      Int32(token),
      request.topCount.map { LogProbabilities(row, chosen: Int32(token), top: $0) })
  }
}
