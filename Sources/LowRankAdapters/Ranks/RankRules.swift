extension MethodRegistries {
  /// How ranks may be given to modules.
  public static let ranks = MethodRegistry<RankRule>(
    .ranks, [RankRule.fixed, AdaLoRA.entry, DyLoRA.entry, SoRA.entry, GoRAStart.rule, ReLoRA.entry])
}
