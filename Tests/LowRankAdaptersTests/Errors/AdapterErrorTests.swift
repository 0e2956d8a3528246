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
        == "no module matches the target \"q_proj\"; the model has wte, wpe, c_attn, c_proj, c_fc, lm_head; did you mean \"c_proj\"?"
    )
  }

  @Test func `where what matches is taken away, blaming what does`() {
    var target = Target.allLinear
    target.excluded = .allLinear
    #expect(
      refusal(target)
        == "the target \"all-linear\" matches modules, but the exclusion of \"all-linear\" leaves none of them; change one of the two"
    )
    #expect(
      refusal(Target(.named(["wte"]), layers: [0, 1]))
        == "the target \"wte\" matches modules, but the layers 0, 1 have none of them; change one of the two"
    )
    let configuration = AdapterConfiguration(
      target: .named("lm_head"), ranks: PatternRanks(rank: 1), modulesToSave: ["lm_head"])
    #expect(
      message { try Adapter(on: base, configuration: configuration) }
        == "the target \"lm_head\" matches modules, but the modules to save leave none of them; change one of the two"
    )
  }

  @Test func `where one of several names matches nothing`() throws {
    let names = "the model has wte, wpe, c_attn, c_proj, c_fc, lm_head"
    #expect(
      refusal(.named("c_attn", "nope")) == "target: no module matches \"nope\"; \(names)")
    for excluded in [.named(["nope"]), .matching(try PathPattern("nope"))] as [Target.Modules] {
      #expect(
        refusal(Target(.allLinear, excluded: excluded))
          == "exclude: no module matches \"nope\"; \(names)")
    }
    let ranks = PatternRanks(rank: 2, rankPattern: [try .init("c_fc", 1), try .init("nope", 1)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), ranks))
        == "rank_pattern: no module matches \"nope\"; \(names)")
    let alphas = PatternRanks(rank: 2, alphaPattern: [try .init("nope", 1)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), alphas))
        == "alpha_pattern: no module matches \"nope\"; \(names)")
  }

  @Test func `where a layer is not there`() {
    #expect(
      refusal(Target(.allLinear, layers: [0, 17]))
        == "layers: the model has no layer 17; its layers are 0 to 1")
    #expect(
      refusal(Target(.allLinear, layers: []))
        == "layers is an empty list, expected the numbers of layers")
  }

  @Test func `where there is no bias to train`() throws {
    func refusal(_ bias: AdapterConfiguration.Bias, of base: Model, _ name: String) -> String {
      let configuration = AdapterConfiguration(
        target: .named(name), ranks: PatternRanks(rank: 1), bias: bias)
      return message { try Adapter(on: base, configuration: configuration) }
    }
    let llama = try TinyModels.llama(
      on: CPUEngine(), changing: ["attention_bias": false, "mlp_bias": false])
    #expect(
      refusal(.all, of: llama, "q_proj")
        == "bias is all, expected none: the model has no biases")
    #expect(
      refusal(.loraOnly, of: llama, "q_proj")
        == "bias is lora_only, expected none: the model has no biases")
    #expect(
      refusal(.loraOnly, of: base, "lm_head")
        == "bias is lora_only, expected none or all: no adapted module has a bias")
    #expect(refusal(.loraOnly, of: base, "c_attn").isEmpty)
    #expect(refusal(.all, of: base, "lm_head").isEmpty)
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
        == "transformer.h.0.attn.c_attn is a fused map, and HIRA cannot adapt slices of it; to adapt the whole, name c_attn"
    )
  }

  @Test func `where a number makes no sense`() throws {
    #expect(
      refusal(.allLinear, .lora(rank: 0)) == "rank is 0, expected a number of at least 1")
    #expect(
      refusal(.allLinear, .lora(rank: 2, alpha: 0))
        == "alpha is 0.0, expected a number other than 0 that single precision can hold (at most 3.4e38)"
    )
    #expect(
      refusal(.allLinear, .lora(rank: 1_000_000_000))
        == "rank is 1000000000, expected a number of at most 65536")
    let ranks = PatternRanks(rank: 2, rankPattern: [try .init("c_fc", -1)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), ranks))
        == "rank pattern c_fc is -1, expected a number of at least 1")
    let alphas = PatternRanks(rank: 2, alphaPattern: [try .init("c_fc", .infinity)])
    #expect(
      refusal(.allLinear, AdapterUpdate(LoRA(), alphas))
        == "alpha pattern c_fc is inf, expected a number other than 0 that single precision can hold (at most 3.4e38)"
    )
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
