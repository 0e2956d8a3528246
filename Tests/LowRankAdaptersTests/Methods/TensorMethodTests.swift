import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Every element of ΔW by the formula of the card, from the stored tensors.
@Suite struct `An update that is a decomposed tensor` {
  private struct Case {
    let adapter: Adapter
    let tensors: [String: FactorTensor]
    var path: String { adapter.sites[1].path }
    var scale: Double { Double(adapter.sites[1].scale) }

    init(_ method: any Method, target: [String] = ["up_proj"], rank: Int = 3) throws {
      adapter = try MovedAdapter.made(
        method, on: TinyModels.llama(on: ReferenceEngine()), targets: Target(.named(target)),
        rank: rank)
      tensors = Dictionary(uniqueKeysWithValues: adapter.storedTensors().map { ($0.name, $0) })
    }

    func own(_ name: String) throws -> FactorTensor { try #require(tensors["\(path).\(name)"]) }

    func shared(_ name: String) throws -> FactorTensor {
      try #require(
        tensors.first { $0.key.hasPrefix("base_model.") && $0.key.hasSuffix(name) }?.value)
    }

    /// Compares ΔW `[12, 8]` of the second layer.
    func check(_ element: (_ output: Int, _ input: Int) -> Double) {
      let expected = (0..<12).flatMap { row in (0..<8).map { scale * element(row, $0) } }
      #expect(relativeDistance(adapter.delta(of: 1), from: expected) < 1e-6)
    }
  }

  @Test func `of LoTR is B G A`() throws {
    let trial = try Case(LoTR())
    let (a, b, g) = (
      try trial.shared("lotr_A"), try trial.shared("lotr_B"), try trial.own("lotr_G")
    )
    trial.check { output, input in
      (0..<3).reduce(0) { sum, i in
        (0..<3).reduce(sum) { $0 + b[output, i] * g[i, $1] * a[$1, input] }
      }
    }
  }

  @Test func `of Tied-LoRA is diag(v) B diag(u) A`() throws {
    let trial = try Case(TiedLoRA())
    let (a, b) = (try trial.shared("tied_A"), try trial.shared("tied_B"))
    let (u, v) = (try trial.own("tied_u"), try trial.own("tied_v"))
    trial.check { output, input in
      (0..<3).reduce(0) {
        $0 + Double(v.values[output] * u.values[$1]) * b[output, $1] * a[$1, input]
      }
    }
  }

  @Test func `of a CP is a sum of products of one number of each mode`() throws {
    let trial = try Case(CPLoRA(heads: 3), target: ["up_proj", "gate_proj"])
    // Sites are in the order of the model: gate_proj and up_proj of layer 0 come first.
    #expect(trial.path == "model.layers.0.mlp.up_proj")
    let (a, b, h) = (
      try trial.shared("cp_inputs"), try trial.shared("cp_outputs"), try trial.shared("cp_heads")
    )
    let (layers, kinds) = (try trial.shared("cp_layers"), try trial.shared("cp_kinds"))
    #expect(layers.shape == [2, 3] && kinds.shape == [2, 3] && b.shape == [4, 3])
    trial.check { output, input in
      (0..<3).reduce(0) {
        $0 + layers[0, $1] * kinds[1, $1] * h[output / 4, $1] * b[output % 4, $1] * a[$1, input]
      }
    }
  }

  @Test func `of a CP has heads where they divide outputs, which they do of one module at least`()
    throws
  {
    let trial = try Case(CPLoRA(heads: 3), target: ["up_proj", "k_proj"])
    #expect(trial.tensors.keys.count { $0.hasSuffix("cp_heads") } == 1)
    #expect {
      try Case(CPLoRA(heads: 5), target: ["up_proj", "k_proj"])
    } throws: {
      "\($0)"
        == "the number of heads of cp is 5, expected 1, or a divisor of the outputs of an adapted module (4, 12)"
    }
    // An adapter that was made is what its tensors say.
    let stored = JSONFile(["heads": 5], at: URL(filePath: "adapter_config.json"))
    #expect(throws: Never.self) { try Case(CPLoRA().configured(by: stored)) }
    let none = JSONFile(["heads": 0], at: URL(filePath: "adapter_config.json"))
    #expect(throws: AdapterError.self) { try CPLoRA().configured(by: none) }
  }

  @Test(arguments: [1, 2, 3])
  func `of a tensor train is a product of matrices chosen by the digits of row and column`(
    modes: Int
  ) throws {
    let trial = try Case(TTLoRA(modes: modes), rank: 2)
    let cores = try ["tt_G", "tt_H"].flatMap { name in
      try (1...modes).map { try trial.own("\(name)\($0)") }
    }
    trial.check { output, input in
      // The digits of the two numbers, most significant first.
      func digits(_ number: Int, _ sizes: [Int]) -> [Int] {
        var rest = number
        return sizes.reversed().map { size in
          defer { rest /= size }
          return rest % size
        }.reversed()
      }
      let chosen =
        digits(output, cores.prefix(modes).map { $0.shape[1] })
        + digits(input, cores.suffix(modes).map { $0.shape[1] })
      var row = [1.0]
      for (core, digit) in zip(cores, chosen) {
        row = (0..<core.shape[2]).map { after in
          row.indices.reduce(0) { sum, before in
            let place = (before * core.shape[1] + digit) * core.shape[2] + after
            return sum + row[before] * Double(core.values[place])
          }
        }
      }
      return row[0]
    }
  }

  @Test func `shares factors among layers of a kind alone`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    func count(_ method: any Method, _ names: String...) throws -> Int {
      try Adapter(
        on: model, targets: Target(.named(names)),
        update: AdapterUpdate(method, PatternRanks(rank: 2))
      ).parameterCount
    }
    #expect(try count(LoTR(), "up_proj") == 2 * (12 + 8) + 2 * 4)
    #expect(try count(LoTR(), "up_proj", "gate_proj") == 2 * (2 * (12 + 8) + 2 * 4))
    #expect(try count(CPLoRA(), "up_proj", "gate_proj") == 2 * (12 + 8 + 2 + 2))
    #expect(try count(TiedLoRA(), "up_proj") == 2 * (12 + 8) + 2 * (12 + 2))
  }
}

extension FactorTensor {
  fileprivate subscript(row: Int, column: Int) -> Double {
    Double(values[row * shape[1] + column])
  }
}
