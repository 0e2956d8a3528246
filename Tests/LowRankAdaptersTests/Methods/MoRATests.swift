import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of MoRA` {
  /// More inputs than outputs and fewer, widths that k divides and others, outputs that are cut and repeated.
  @Test(arguments: ["up_proj", "down_proj", "q_proj", "k_proj"], [1, 2])
  func `adds what its matrix makes of the pieces of an input`(target: String, rank: Int) throws {
    for folding in [MoRAFolding.sharing, .rotating] {
      try check(MoRA(folding: folding), target, rank)
    }
  }

  /// Compares the merged update, applied to an input, with the paper's maps around the matrix.
  private func check(_ method: MoRA, _ target: String, _ rank: Int) throws {
    let engine = ReferenceEngine()
    let model = try TinyModels.llama(on: engine)
    var adapter = try Adapter(
      on: model, targets: .named(target),
      update: AdapterUpdate(method, PatternRanks(rank: rank, alpha: 5)))
    var random = Philox(key: 7)
    for parameter in adapter.trainable {
      adapter.values[parameter] = engine.tensor(
        (0..<parameter.shape.count).map { _ in random.normal() }, parameter.shape)
    }
    let merged = try model.merging(adapter)
    for (site, update) in zip(adapter.sites, adapter.updates) {
      let (outputs, inputs) = (site.map.outputs, site.map.inputs)
      let before = engine.doubles(site.map.dense(model.store, engine))
      let after = engine.doubles(site.map.dense(merged.store, engine))
      let delta = zip(after, before).map { $0 - $1 }
      let x = (0..<inputs).map { _ in random.normal() }
      let found = (0..<outputs).map { row in
        x.indices.reduce(0) { $0 + delta[row * inputs + $1] * x[$1] }
      }
      let matrix = engine.doubles(adapter.values[update.parameters[0]])
      let width = (Double((outputs + inputs) * rank).squareRoot() + 0.5).rounded(.down)
      let k = method.folding == .sharing ? Int(width) : Int(width) - Int(width) % 2
      #expect(update.parameters.map(\.shape) == [[k, k]])
      let expected = Self.updated(x, by: matrix, k, method.folding, outputs: outputs)
      // The table of the rotations is in single precision.
      #expect(
        relativeDistance(found, from: expected) < 1e-6,
        "\(method.folding) \(site.path): \(found), not \(expected)")
    }
  }

  /// f(M g(x)) as kongds/MoRA has it: x is filled up with its own first numbers and cut into pieces of k numbers.
  ///
  /// Type 1 adds the pieces up. Type 6 turns the numbers j and j + k/2 of piece i by the angle i·10000^(−2j/k). The outputs are
  /// repeated or cut to the number that is needed.
  private static func updated(
    _ x: [Double], by matrix: [Double], _ k: Int, _ folding: MoRAFolding, outputs: Int
  ) -> [Double] {
    let count = (x.count + k - 1) / k
    let filled = x + x.prefix(count * k - x.count)
    var pieces = (0..<count).map { Array(filled[$0 * k..<($0 + 1) * k]) }
    switch folding {
    case .sharing: pieces = [(0..<k).map { j in pieces.reduce(0) { $0 + $1[j] } }]
    case .rotating:
      pieces = pieces.enumerated().map { place, piece in
        (0..<k).map { j in
          let angle = Double(place) * pow(10_000, -2 * Double(j % (k / 2)) / Double(k))
          let partner = j < k / 2 ? -piece[j + k / 2] : piece[j - k / 2]
          return piece[j] * cos(angle) + partner * sin(angle)
        }
      }
    }
    let made = pieces.flatMap { piece in
      (0..<k).map { row in (0..<k).reduce(0) { $0 + matrix[row * k + $1] * piece[$1] } }
    }
    return (0..<outputs).map { made[$0 % made.count] }
  }

  @Test(arguments: [MoRA(folding: .sharing), MoRA(folding: .rotating, dropout: 0.3)], [1, 2])
  func `keeps its laws`(method: MoRA, rank: Int) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: rank))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `has a square matrix of about as many numbers as LoRA's factors`() throws {
    func shape(_ method: MoRA) throws -> Shape {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj"),
        update: AdapterUpdate(method, PatternRanks(rank: 4))
      ).trainable[0].shape
    }
    #expect(try shape(MoRA(folding: .sharing)) == [9, 9])
    #expect(try shape(MoRA(folding: .rotating)) == [8, 8])
  }

  @Test func `is refused where its matrix would be as large as the weight`() throws {
    #expect {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj"),
        update: AdapterUpdate(MoRA(), PatternRanks(rank: 5)))
    } throws: {
      "\($0)"
        == "rank is 5 for model.layers.0.mlp.up_proj, expected at most 4, with which the matrix of the method mora is as large as the weight"
    }
  }
}
