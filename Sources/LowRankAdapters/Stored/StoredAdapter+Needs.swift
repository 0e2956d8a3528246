import Foundation

extension StoredAdapter {
  /// Whether the base may be needed to read what lies at a place: for a GGUF file, and for types whose updates depend on the
  /// base.
  ///
  /// - Throws: what opening the adapter throws.
  package static func mayNeedBase(_ url: URL) throws -> Bool {
    switch try AdapterFormat(guessing: url) {
    case .gguf: return true
    case .mlx, .loralib: return false
    case .peft:
      let folder = try AdapterFolder(at: url)
      return try !AdapterConfiguration(peft: folder.config).method.dialect.holdsFactors
    }
  }

  /// Whether an adapter is of PEFT's format and of another type than LoRA.
  ///
  /// - Throws: what opening the adapter throws.
  package static func isOfOtherType(_ url: URL, as format: AdapterFormat) throws -> Bool {
    guard format == .peft else { return false }
    return try !AdapterConfiguration(peft: AdapterFolder(at: url).config).method.dialect
      .holdsFactors
  }
}
