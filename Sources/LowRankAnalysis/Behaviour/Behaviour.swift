import LowRankCheckpoints
import LowRankTokenizers

/// What an adapter does to predictions.
public struct Behaviour {
  /// What turns tokens into text.
  public let tokenizer: Tokenizer
  /// How far the prediction of each token moved.
  public var tokens: [TokenDivergence] = []
  /// What leading output directions raise.
  public var raised: [RaisedTokens] = []
  /// How much of each update reads the inputs' principal directions.
  public var inputs: [(path: String, subspace: InputSubspace)] = []
  /// The mean loss of the whole adapter; nil where nothing was taken out.
  public var loss: Double?
  /// The loss without parts.
  public var ablations: [Ablation] = []

  /// Nothing measured yet.
  public init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// KL(base ‖ adapted) of a token on average.
  public var divergence: Double {
    tokens.isEmpty ? 0 : tokens.reduce(0) { $0 + $1.divergence } / Double(tokens.count)
  }

  /// A token as people read it.
  public func text(_ token: Int32) -> String { tokenizer.decode([token]) }

  /// The measurements as JSON.
  public var json: JSONObject {
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
