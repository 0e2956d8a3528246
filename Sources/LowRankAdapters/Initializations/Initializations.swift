extension MethodRegistries {
  /// Where factors may start.
  public static let initializations = MethodRegistry<any Initialization>(
    .initializations,
    [
      KaimingStart.entry, GaussianStart.entry, PiSSAStart.entry, MiLoRAStart.entry,
      OLoRAStart.entry, LoftQStart.entry, NystromStart.entry, EVAStart.entry, CorDAStart.entry,
      LoRAGAStart.entry,
      LoRAOneStart.entry, CovarianceStart.entry, SplineCovarianceStart.entry,
    ])
}
