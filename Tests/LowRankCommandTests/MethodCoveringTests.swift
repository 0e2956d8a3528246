import Foundation
import LowRank
import LowRankTesting
import Testing

/// Every two choices of two axes meet in some run, which takes two steps, is saved and read again, or is refused by a sentence
/// that names both.
@Suite struct `Any two choices of two axes` {
  private struct Run: Hashable {
    var method, start, ranks, optimizer: String

    /// The pairs of choices that meet.
    var pairs: Set<[String]> {
      let all = [method, start, ranks, optimizer]
      return Set(
        all.indices.flatMap { i in
          all.indices.filter { $0 > i }.map { ["\(i) \(all[i])", "\($0) \(all[$0])"] }
        })
    }
  }

  /// Runs in which every pair meets: of each, the one that has most pairs that have not met yet.
  private static func covering(_ dense: String) -> [Run] {
    func names(_ axis: MethodAxis) -> [String] { MethodCatalogue.cards(of: axis).map(\.name) }
    let starts = names(.initializations).map { $0 == "loftq" ? "loftq:dense=\(dense)" : $0 }
    // Runs of two steps have no room for restarts or for a budget that shrinks later.
    let ranks =
      names(.ranks).map { $0 == "adalora" ? "adalora:target_r=1" : $0 } + ["fixed:rslora=true"]
    var open = Set<[String]>()
    var candidates: [Run] = []
    for (number, method) in names(.architectures).enumerated() {
      for (place, start) in starts.enumerated() {
        for (index, optimizer) in names(.optimizers).enumerated() {
          let rule = ranks[(number + place + index) % ranks.count]
          candidates.append(Run(method: method, start: start, ranks: rule, optimizer: optimizer))
        }
      }
    }
    for run in candidates { open.formUnion(run.pairs) }
    var chosen: [Run] = []
    while !open.isEmpty {
      // One pass takes what meets many new pairs, the next ones what is left.
      let least = chosen.isEmpty ? 3 : 1
      for run in candidates where run.pairs.intersection(open).count >= least {
        chosen.append(run)
        open.subtract(run.pairs)
      }
    }
    return chosen
  }

  @Test func `make a run, or are refused by name`() throws {
    let workshop = try Workshop()
    let dense = workshop.place("dense")
    let config = try JSONFile(at: workshop.model.appending(path: "config.json"))
    try Model(random: config, seed: 4, precision: .float32, engine: CPUEngine()).save(to: dense)
    var (made, refused) = (0, 0)
    for (number, run) in Self.covering(dense.path).enumerated() {
      let name = "run\(number)"
      let trained = try Lowrank(
        [
          "train", "--model", workshop.model.path, "--data", workshop.data.path,
          "--adapter-path", workshop.place(name).path, "--rank", "2", "--batch-size", "4",
          "--learning-rate", "0.01", "--precision", "f32", "--iters", "2",
          "--method", run.method, "--init", run.start, "--ranks", run.ranks,
          "--optimizer", run.optimizer,
        ])
      guard trained.status == 0 else {
        refused += 1
        let start = String(run.start.prefix { $0 != ":" })
        let flags = [
          "--method \(run.method)", "--init \(start)", "--optimizer \(run.optimizer)",
          "--ranks \(run.ranks.prefix { $0 != ":" })", "PEFT's type",
        ]
        #expect(trained.status == 2, "\(run): \(trained.errors)")
        #expect(
          flags.filter(trained.errors.contains).count >= 2
            || trained.errors.contains("rank-stabilised"), "\(run): \(trained.errors)")
        continue
      }
      made += 1
      let evaluated = try Lowrank(
        "evaluate", "--model", workshop.model.path, "--adapter", workshop.place(name).path,
        "--data", workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32",
        "--json")
      #expect(evaluated.status == 0, "\(run): \(evaluated.errors)")
      try FileManager.default.removeItem(at: workshop.place(name))
    }
    #expect(made > 30 && refused > 30)
  }
}
