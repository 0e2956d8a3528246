/// In which words PEFT's configuration of a type says what is common to all types.
public struct PEFTDialect: Hashable, Sendable {
  /// The key of α; nil where updates have no scale.
  public let alphaKey: String?
  /// The α of a file that names none.
  public let alpha: Double
  /// The key of the rank.
  public let rankKey: String
  /// The rank of a file that names none.
  public let rank: Int
  /// The keys of LoRA's configuration that the type does not have.
  public let missing: Set<String>
  /// Whether a file holds factors whose product is the update.
  public let holdsFactors: Bool
  /// The word for biases of adapted modules alone.
  public let adaptedBiases: String
  /// Whether ranks of single modules are written as the directions that are left of each, instead of numbers by pattern.
  ///
  /// A rank may be 0 then, is at most that of all modules, and does not change the scale.
  public let masksRanks: Bool

  /// The words of a type.
  public init(
    alphaKey: String?, alpha: Double = 8, rankKey: String = "r", rank: Int = 8,
    missing: Set<String> = [], holdsFactors: Bool = false, adaptedBiases: String = "lora_only",
    masksRanks: Bool = false
  ) {
    (self.alphaKey, self.alpha, self.rankKey, self.rank) = (alphaKey, alpha, rankKey, rank)
    (self.missing, self.holdsFactors) = (missing, holdsFactors)
    (self.adaptedBiases, self.masksRanks) = (adaptedBiases, masksRanks)
  }

  /// What follows a module's path in the keys of masks: the tensor of its directions.
  static let maskSuffix = ".lora_E"

  /// LoRA's words for a method that PEFT does not know, whose files hold factors of its own.
  static let ownFactors = PEFTDialect(alphaKey: "lora_alpha")

  /// The words of `LoraConfig`.
  public static let lora = PEFTDialect(alphaKey: "lora_alpha", holdsFactors: true)
}
