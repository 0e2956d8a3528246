import Foundation
import LowRank
import LowRankSessions
import Testing

@Suite struct `Compressing DoRA` {
  /// A workshop with a trained adapter of DoRA in `a`.
  private func trained() throws -> Workshop {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "30", "--target", "all-linear", "--dora"))
    #expect(run.status == 0, "\(run.errors)")
    return workshop
  }

  private func compress(_ workshop: Workshop, _ flags: String...) throws -> Lowrank {
    try Lowrank(
      ["compress", workshop.place("a").path, "--output", workshop.place("small").path] + flags)
  }

  private func magnitudes(_ workshop: Workshop, _ name: String) throws -> [String: [Float]] {
    let modules = try StoredAdapter(at: workshop.place(name)).modules
    return try Dictionary(
      uniqueKeysWithValues: modules.map { ($0.path, try $0.magnitude?.floats() ?? []) })
  }

  @Test func `keeps the magnitudes, and says what is bounded`() throws {
    let workshop = try trained()
    let all = try magnitudes(workshop, "a")
    #expect(all.count == 14 && all.values.allSatisfy { !$0.isEmpty })
    let note = "DoRA modules keep rank 1 or more, since their magnitudes act without it"
    for policy in [["--keep", "0.05"], ["--energy", "30%"], ["--threshold", "1000"]] {
      let report = try Lowrank(
        [
          "compress", workshop.place("a").path, "--output", workshop.place("small").path, "--json",
          "--overwrite",
        ] + policy
      ).json()
      #expect(try magnitudes(workshop, "small") == all, "\(policy)")
      #expect(report["rank_after"]?.integer ?? 0 >= 14 && report["magnitudes_kept"] == 14)
      #expect(report["note"]?.string?.hasPrefix(note + "; \(policy[0]) ") == true)
    }
    let text = try compress(workshop, "--keep", "0.05", "--overwrite").output
    #expect(text.contains("‖s·BA − s·B'A'‖ ≤ ") && text.contains(", magnitudes kept"), "\(text)")
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("note: \(note); --keep 0.05 by itself leaves out 1"), "\(text)")
    #expect(!text.contains("‖ΔW"))
  }

  @Test func `keeps a file within its size, or says the least`() throws {
    let workshop = try trained()
    let refused = try compress(workshop, "--size", "100B")
    #expect(refused.status == 2)
    let said = try #require(
      refused.errors.firstMatch(
        of:
          /takes (\d+\.?\d*) (bytes|KB), .* the rest for 14 modules at rank 1, all of which keep DoRA's magnitudes; give --size ([0-9.]+[KB]+) or more/
      ),
      "\(refused.errors)")
    let smallest = try compress(workshop, "--size", String(said.3), "--json")
    #expect(smallest.status == 0, "\(smallest.errors)")
    #expect(try smallest.json()["rank_after"] == 14)
    #expect(try magnitudes(workshop, "small") == magnitudes(workshop, "a"))
    let bytes = try #require(try smallest.json()["file_bytes_after"]?.integer)
    #expect(bytes <= (try #require(ByteCount(String(said.3))).bytes))
    let few = try compress(workshop, "--parameters", "9", "--overwrite")
    #expect(few.status == 2 && few.errors.contains("for 14 modules at rank 1"), "\(few.errors)")
  }

  @Test func `keeps magnitudes by loss, in a sweep, and after a run`() throws {
    let workshop = try trained()
    let rows = ["--model", workshop.model.path, "--data", workshop.data.path, "--precision", "f32"]
    let found = try Lowrank(
      [
        "compress", workshop.place("a").path, "--output", workshop.place("small").path, "--json",
        "--max-loss-increase", "900%",
      ] + rows)
    #expect(try found.json()["rank_after"] == 14, "\(found.errors)")
    #expect(try magnitudes(workshop, "small") == magnitudes(workshop, "a"))
    let swept = try Lowrank(
      ["compress", workshop.place("a").path, "--sweep", "--json"] + rows
    ).json()
    let ranks = try #require(swept["sweep"]?.array).compactMap { $0.object?["rank"]?.integer }
    #expect(ranks.contains(14) && ranks.allSatisfy { $0 >= 14 })
    let run = try Lowrank(
      workshop.training(
        into: "b", "--iters", "3", "--target", "all-linear", "--dora", "--compress-after",
        "keep=0.05"))
    let facts = try #require(try run.json()["compressed"]?.object)
    #expect(facts["magnitudes_kept"] == 14 && facts["note"]?.string != nil, "\(run.errors)")
    #expect(try magnitudes(workshop, "b/compressed") == magnitudes(workshop, "b"))
  }
}
