import Foundation
import LowRank

/// What an adapter is, by PEFT's names where it has them.
public struct AdapterSettings: Hashable, Sendable {
  /// What is added to the weights; nil for LoRA.
  public var method: MethodChoice?
  /// Where the factors start; nil for the method's own start.
  public var initialization: MethodChoice?
  /// How modules get their ranks; nil for one rank.
  public var ranks: MethodChoice?
  /// The rank of every module; nil for 8.
  public var rank: Int?
  /// Scales the update by `alpha / rank`; nil for twice the rank.
  public var alpha: Double?
  /// The probability of dropping an input of the adapter while training.
  public var dropout: Double?
  /// Whether the scale is `alpha / √rank`.
  public var rslora = false
  /// Whether magnitudes and directions are trained separately.
  public var dora = false
  /// Modules by name, between commas; `all-linear`; or `qv`.
  public var target: String?
  /// A regular expression that matches the whole path of modules.
  public var targetPattern: String?
  /// Modules to leave out, between commas.
  public var exclude: String?
  /// Layers by number, as `0,2,8-11`.
  public var layers: String?
  /// Ranks of single modules, as `q_proj=4,up_proj=16`.
  public var rankPattern: String?
  /// Alphas of single modules, as `q_proj=8`.
  public var alphaPattern: String?
  /// Biases of the model to train: `none`, `all` or `lora_only`.
  public var bias: String?
  /// Modules to train and save whole, between commas.
  public var modulesToSave: String?
  /// Tokens whose rows of the embeddings are trained: ids or texts, between commas.
  public var trainableTokens: String?
  /// Tokens that are added to the tokenizer.
  public var addedTokens = TokenSettings()

  /// LoRA of rank 8 on queries and values.
  public init() {}
}
