import Foundation
import LowRank

/// Everything that `analyze` found, to be printed, reported, or written as JSON.
struct AnalysisResult {
  let analyses: [AdapterAnalysis]
  var similarities: [AdapterSimilarity] = []
  var layers: [LayerSimilarity] = []
  var weights: WeightComparison?
  var behaviour: Behaviour?

  init(_ analyses: [AdapterAnalysis]) { self.analyses = analyses }

  var json: JSONObject {
    var object: JSONObject = [
      "adapters": .array(
        analyses.map { analysis in
          [
            "adapter": .string(analysis.adapter.folder.url.relativePath),
            "parameters": .integer(analysis.adapter.factorParameters),
            "frobenius_norm": .double(analysis.frobenius),
            "modules": .array(analysis.modules.map { .object($0.json) }),
          ]
        })
    ]
    if !similarities.isEmpty {
      object["similarity"] = .array(
        similarities.enumerated().map { index, similarity in
          [
            "adapter": .string(analyses[index + 1].adapter.folder.url.relativePath),
            "modules": .array(similarity.modules.map { .object($0.json) }),
          ]
        })
    }
    if !layers.isEmpty {
      object["layers"] = .array(
        layers.map { kind in
          [
            "kind": .string(kind.kind), "paths": .array(kind.paths.map { .string($0) }),
            "left": .rows(of: kind.left), "right": .rows(of: kind.right),
          ]
        })
    }
    if let weights { object["weights"] = .array(weights.modules.map { .object($0.json) }) }
    if let behaviour { object["behaviour"] = .object(behaviour.json) }
    return object
  }
}

/// What an adapter does to predictions.
struct Behaviour {
  let tokenizer: Tokenizer
  var tokens: [TokenDivergence] = []
  var raised: [RaisedTokens] = []
  var inputs: [(path: String, subspace: InputSubspace)] = []
  var loss: Double?
  var ablations: [Ablation] = []

  init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// KL(base ‖ adapted) of a token on average.
  var divergence: Double {
    tokens.isEmpty ? 0 : tokens.reduce(0) { $0 + $1.divergence } / Double(tokens.count)
  }

  /// A token as people read it.
  func text(_ token: Int32) -> String { tokenizer.decode([token]) }

  var json: JSONObject {
    [
      "kl": .double(divergence), "loss": loss.map { .double($0) } ?? .null,
      "tokens": .array(
        tokens.map { one in
          [
            "example": .integer(one.example), "token": .string(text(one.token)),
            "id": .integer(Int(one.token)), "kl": .double(one.divergence),
            "logprob_base": .double(one.before), "logprob_adapted": .double(one.after),
          ]
        }),
      "raised_tokens": .array(
        raised.map { one in
          [
            "path": .string(one.path), "direction": .integer(one.direction),
            "singular_value": .double(one.value),
            "raised": .array(one.raised.map { .string(text($0)) }),
            "lowered": .array(one.lowered.map { .string(text($0)) }),
          ]
        }),
      "input_subspaces": .array(
        inputs.map { one in
          [
            "path": .string(one.path), "dimensions": .integer(one.subspace.dimensions),
            "share": .double(one.subspace.share),
            "input_share": .double(one.subspace.inputShare),
            "baseline": .double(one.subspace.baseline),
          ]
        }),
      "ablations": .array(
        ablations.map { one in
          [
            "path": .string(one.path),
            "direction": one.direction.map { .integer($0) } ?? .null,
            "energy": .double(one.energy), "loss": .double(one.loss),
            "increase": .double(one.increase),
          ]
        }),
    ]
  }
}

extension JSONValue {
  /// A matrix as an array of rows.
  fileprivate static func rows(of matrix: HostMatrix<Double>) -> JSONValue {
    .array(
      (0..<matrix.rows).map { row in
        .array((0..<matrix.columns).map { .double(matrix[row, $0]) })
      })
  }
}
