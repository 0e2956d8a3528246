import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A target of roles` {
  @Test func `means the same parts of every architecture`() throws {
    let llama = try Adapter(
      on: TinyModels.llama(on: CPUEngine()), targets: .roles(.query, .key, .attentionOutput),
      update: .lora(rank: 2))
    #expect(
      Set(llama.sites.map { $0.path.split(separator: ".").last ?? "" })
        == ["q_proj", "k_proj", "o_proj"])
    #expect(llama.sites.allSatisfy { $0.slices == nil })

    let gpt2 = try Adapter(
      on: TinyModels.gpt2(on: CPUEngine()), targets: .roles(.query, .key, .attentionOutput),
      update: .lora(rank: 2))
    let names = gpt2.sites.map { $0.path.split(separator: ".").last ?? "" }
    #expect(names == ["c_attn", "c_proj", "c_attn", "c_proj"])
    #expect(gpt2.sites.allSatisfy { $0.path.contains(".attn.") })
    let slices = gpt2.sites.map { $0.slices?.map(\.role) }
    #expect(slices == [[.query, .key], nil, [.query, .key], nil])
  }

  @Test func `means the whole of a fused map by its own role`() throws {
    let adapter = try Adapter(
      on: TinyModels.gpt2(on: CPUEngine()), targets: .roles(.fusedAttention, .query),
      update: .lora(rank: 2))
    #expect(adapter.sites.count == 2 && adapter.sites.allSatisfy { $0.slices == nil })
  }

  @Test(arguments: [[Site.Role.query], [.query, .key, .value, .attentionOutput]])
  func `is saved so that it reads back as it was`(_ roles: [Site.Role]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-roles-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let base = try TinyModels.gpt2(on: CPUEngine())
    let adapter = try Adapter(
      on: base, targets: Target(.roles(Set(roles))), update: .lora(rank: 2, alpha: 6))
    try adapter.save(to: folder.path)
    let restored = try Adapter(from: folder, on: base)
    #expect(restored.sites.map(\.path) == adapter.sites.map(\.path))
    #expect(restored.sites.map(\.slices) == adapter.sites.map(\.slices))
    #expect(restored.sites.allSatisfy { $0.rank == 2 && $0.scale == 3 })
    #expect(restored.parameterCount == adapter.parameterCount)
  }

  @Test func `names the role that a model lacks`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let error = #expect(throws: AdapterError.self) {
      try Adapter(on: base, targets: .roles(.query, .gate), update: .lora(rank: 2))
    }
    #expect(
      error?.description.hasPrefix("target: no module matches \"gate\"; the model has") == true)
  }
}
