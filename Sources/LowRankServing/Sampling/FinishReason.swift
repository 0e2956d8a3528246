/// Why a sequence ended.
package enum FinishReason: String, Hashable, Sendable, CaseIterable {
  /// By a token or a text that ends it.
  case stop
  /// By its length.
  case length
}
