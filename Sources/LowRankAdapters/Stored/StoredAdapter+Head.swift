import LowRankCheckpoints
import LowRankTransformers

extension StoredAdapter {
  /// What stands on the backbone of the model that it belongs to; nil where it does not say.
  ///
  /// - Throws: as ``AdapterFolder/head``.
  public var head: ModelHead? {
    get throws { format == .peft ? try AdapterFolder(at: url).head : nil }
  }
}
