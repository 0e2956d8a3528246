/// In which words PEFT's configuration of a type says what is common to all types.
public struct PEFTDialect: Hashable, Sendable {
  /// The key of α; nil where updates have no scale.
  public let alphaKey: String?
  /// The rank of a file that names none.
  public let rank: Int
  /// The keys of LoRA's configuration that the type does not have.
  public let missing: Set<String>
  /// Whether a file holds factors whose product is the update.
  public let holdsFactors: Bool

  /// The words of a type.
  public init(
    alphaKey: String?, rank: Int = 8, missing: Set<String> = [], holdsFactors: Bool = false
  ) {
    (self.alphaKey, self.rank) = (alphaKey, rank)
    (self.missing, self.holdsFactors) = (missing, holdsFactors)
  }

  /// The words of `LoraConfig`.
  public static let lora = PEFTDialect(alphaKey: "lora_alpha", holdsFactors: true)
}
