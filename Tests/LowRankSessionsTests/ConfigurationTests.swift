import Foundation
import LowRank
import LowRankConfigurations
import LowRankSessions
import Testing

@Suite struct `A configuration of another trainer` {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../LowRankCommandTests/Fixtures/configurations").standardizedFileURL

  private func settings(_ name: String) throws -> RunSettings {
    let path = Self.folder.appending(path: name).path
    let file = try ForeignFile(at: path)
    return try ForeignTool(guessing: file, at: path).convert(file, model: nil).settings
  }

  @Test func `of mlx-lm becomes settings of a run`() throws {
    let settings = try settings("mlx-every-key.yaml")
    #expect(settings.model.model == "MODEL" && settings.output == "ADAPTER")
    #expect(settings.adapter.dora && settings.model.seed == 7)
    // Iterations of mlx-lm are batches, of which a step has two.
    #expect(settings.steps.iters == 20 && settings.evalEvery == 10)
    #expect(settings.steps.adamBetas == "0.9,0.98" && settings.steps.weightDecay == 0.05)
    try settings.check()
  }

  @Test func `of axolotl becomes settings of a run`() throws {
    let settings = try settings("axolotl-every-key.yml")
    #expect(settings.model.model == "MODEL" && settings.output == "ADAPTER")
    #expect(settings.adapter.rank == 4 && settings.adapter.alpha == 16)
    #expect(settings.adapter.target == "q_proj,v_proj,up_proj")
    #expect(settings.adapter.rankPattern == "up_proj=2" && settings.adapter.dora)
    try settings.check()
  }
}
