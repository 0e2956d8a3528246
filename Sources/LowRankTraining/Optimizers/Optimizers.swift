import LowRankAdapters
import LowRankTensors

extension MethodRegistries {
  /// How factors may be stepped.
  public static let optimizers = MethodRegistry<OptimizerMaker>(
    .optimizers,
    [
      AdamW.entry, LoRAPlus.entry, LoRAFARule.entry, RoLoRA.entry, AltLoRA.entry,
      ScaledRule.entry, LoRARITE.entry, LoRAProRule.entry, RefLoRARule.entry, RefLoRAScalar.entry,
    ])
}
