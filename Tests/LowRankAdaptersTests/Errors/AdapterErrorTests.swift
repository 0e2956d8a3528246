import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Every sentence that a person can be told about an adapter, by doing what leads to it.
@Suite struct `A wish for an adapter is refused` {
  private let base: Model

  init() throws { base = try TinyModels.gpt2(on: CPUEngine()) }

  @Test func `where nothing matches, with the names there are`() {
    #expect(
      refusal(.named("q_proj"))
        == "no module matches the target \"q_proj\"; the model has wte, wpe, c_attn, c_proj, c_fc, lm_head"
    )
    var excluded = Target.allLinear
    excluded.excluded = .allLinear
    #expect(refusal(excluded).hasPrefix("no module matches the target \"all-linear\"; "))
  }

  @Test func `where a module to save is not there`() {
    let configuration = AdapterConfiguration(
      ranks: PatternRanks(rank: 1), modulesToSave: ["score"])
    #expect(
      message { try Adapter(on: base, configuration: configuration) }
        == "modules_to_save: no module matches \"score\"; the model has wte, wpe, c_attn, c_proj, c_fc, lm_head"
    )
  }

  @Test func `where a module cannot be adapted`() {
    #expect(
      refusal(.named("c_attn", "ln_f"))
        == "transformer.ln_f matches the target, but LORA cannot adapt a norm; narrow the target or exclude it"
    )
    #expect(
      refusal(.named("wte"), AdapterUpdate(HiRA(), PatternRanks(rank: 1)))
        == "transformer.wte matches the target, but HIRA cannot adapt a table of embeddings; narrow the target or exclude it"
    )
    #expect(
      refusal(.queryValue, AdapterUpdate(HiRA(), PatternRanks(rank: 1)))
        == "transformer.h.0.attn.c_attn matches the target, but HIRA cannot adapt slices of a fused map; narrow the target or exclude it"
    )
  }

  @Test func `where a number makes no sense`() throws {
    #expect(
      refusal(.allLinear, .lora(rank: 0)) == "rank is 0, expected a number of at least 1")
    #expect(
      refusal(.allLinear, .lora(rank: 2, alpha: 0))
        == "alpha is 0.0, expected a number other than 0")
    let ranks = PatternRanks(rank: 2, rankPattern: [try .init("c_fc", -1)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), ranks))
        == "rank pattern c_fc is -1, expected a number of at least 1")
    let alphas = PatternRanks(rank: 2, alphaPattern: [try .init("c_fc", .infinity)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), alphas))
        == "alpha pattern c_fc is inf, expected a number other than 0")
  }

  @Test func `where a pattern is no regular expression`() {
    for text in ["c_(attn", "a)|(b", "*"] {
      #expect(message { try PathPattern(text) } == "\"\(text)\" is not a regular expression")
    }
    #expect(
      message { try PatternRanks.Entry("[", 1) } == "\"[\" is not a regular expression")
  }

  private func refusal(_ target: Target, _ update: AdapterUpdate = .lora(rank: 1)) -> String {
    message { try Adapter(on: base, targets: target, update: update) }
  }
}
