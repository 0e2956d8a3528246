/// The methods that there are, by axis.
public enum MethodRegistries {}

extension MethodRegistries {
  /// What may be added to a weight.
  public static let architectures = MethodRegistry<any Method>(
    .architectures,
    [
      LoRA.entry, LoRA.doraEntry, SVDLoRA.entry, LoRAXS.entry, HiRA.entry, LoHa.entry, LoKr.entry,
      MoRA.entry, RandLoRA.entry, VeRA.entry,
    ])
}

extension MethodRegistry<any Method> {
  /// The method that reads and writes a type: PEFT's, or its own name in capitals; nil where there is none.
  func method(peftType: String) -> (any Method)? {
    entries.first { ($0.card.peftType ?? $0.card.name.uppercased()) == peftType }.map {
      make(MethodChoice(name: $0.card.name))
    }
  }
}
