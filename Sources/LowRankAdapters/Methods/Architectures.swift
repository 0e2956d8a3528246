/// The methods that there are, by axis.
public enum MethodRegistries {}

extension MethodRegistries {
  /// Architectures of a program's own, beside those that are always there.
  @TaskLocal public static var added: [MethodRegistry<any Method>.Entry] = []

  /// What may be added to a weight.
  public static var architectures: MethodRegistry<any Method> {
    MethodRegistry(.architectures, known + added)
  }

  private static let known: [MethodRegistry<any Method>.Entry] = [
    LoRA.entry, LoRA.doraEntry, SVDLoRA.entry, GatedLoRA.entry, PoLAR.entry, LoRAXS.entry,
    HiRA.entry, LoHa.entry,
    LoKr.entry, MoRA.entry, RandLoRA.entry, TTLoRA.entry, VeRA.entry, TiedLoRA.entry, LoTR.entry,
    CPLoRA.entry,
  ]
}

extension MethodRegistry<any Method> {
  /// The method that reads and writes a type: PEFT's, or its own name in capitals; nil where there is none.
  func method(peftType: String) -> (any Method)? {
    entries.first { ($0.card.peftType ?? $0.card.name.uppercased()) == peftType }.map {
      make(MethodChoice(name: $0.card.name))
    }
  }
}
