import LowRankCheckpoints
import LowRankTransformers

extension StoredAdapter {
  /// What it was trained for, as the trainer wrote it down; nil where another tool made it.
  public var task: JSONObject? { facts?.task }

  /// What stands on the backbone of the model that it belongs to; nil where it does not say.
  ///
  /// - Throws: as ``AdapterFolder/head``.
  public var head: ModelHead? {
    get throws { format == .peft ? try AdapterFolder(at: url).head : nil }
  }
}
