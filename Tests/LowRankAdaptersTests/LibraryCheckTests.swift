import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An adapter in one line` {
  @Test func `is LoRA on queries and values`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let lora = try Adapter(on: base, targets: .queryValue, update: .lora(rank: 8, alpha: 16))
    #expect(lora.sites.map(\.path) == (0..<2).map { "transformer.h.\($0).attn.c_attn" })
    #expect(lora.sites.allSatisfy { $0.rank == 8 && $0.scale == 2 })
    // Of each layer's three slices two, 8 inputs and 8 outputs each.
    #expect(lora.parameterCount == 2 * 2 * 8 * (8 + 8))
  }

  @Test func `is rank-stabilised or DoRA just as well`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let stable = try Adapter(on: base, targets: .queryValue, update: .rslora(rank: 4, alpha: 6))
    #expect(stable.sites.allSatisfy { $0.scale == 3 })
    let dora = try Adapter(on: base, targets: .named("up_proj"), update: .dora(rank: 2))
    #expect(dora.parameterCount == 2 * (2 * (8 + 12) + 12))
    #expect(dora.sites.allSatisfy { $0.scale == 2 })
  }
}
