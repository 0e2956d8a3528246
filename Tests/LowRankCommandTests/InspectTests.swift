import Foundation
import LowRank
import Testing

@Suite struct `Inspecting an adapter` {
  private func inspected(_ flags: String...) throws -> (json: JSONObject, text: String) {
    let workshop = try Workshop()
    let run = try Lowrank(workshop.training(into: "a", "--iters", "1") + flags)
    #expect(run.status == 0, "\(run.errors)")
    let path = workshop.place("a").path
    return (try Lowrank("inspect", path, "--json").json(), try Lowrank("inspect", path).output)
  }

  @Test func `tells DoRA, and the ranks and alphas of single modules`() throws {
    let (json, text) = try inspected(
      "--dora", "--target", "q_proj,v_proj,up_proj", "--rank", "4", "--rank-pattern",
      "up_proj=12,0.self_attn.v_proj=3", "--alpha-pattern", "up_proj=1.5")
    #expect(json["use_dora"] == true && json["rank"] == 4)
    #expect(json["rank_pattern"]?.object?.entries.compactMap(\.value.integer).sorted() == [3, 12])
    #expect(json["alpha_pattern"]?.object?.entries.count == 1)
    #expect(text.contains("\nuse dora: true\n"), "\(text)")
    #expect(text.contains("\nrank: 4, others in rank_pattern: 3, 12\n"), "\(text)")
    #expect(text.contains(", others in alpha_pattern: 1.5\n"), "\(text)")
    #expect(!text.contains("rank pattern:"))
  }

  @Test func `says nothing of patterns that it does not have`() throws {
    let (json, text) = try inspected()
    #expect(
      json["use_dora"] == false && json["rank_pattern"] == [:] && json["alpha_pattern"] == [:])
    #expect(text.contains("\nrank: 2\n") && text.contains("\nuse dora: false\n"), "\(text)")
  }
}
