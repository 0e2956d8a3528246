public import Foundation

extension ChatTemplate {
  /// Takes a template's text from anywhere, and the tokens that it may name from a model folder.
  ///
  /// Throws `TemplateError` that names the file.
  public init(
    _ source: String, tokensOf folder: URL, limits: TemplateLimits = .standard
  ) throws(TemplateError) {
    try self.init(
      source, specialTokens: ChatTemplateFiles(folder: folder).specialTokens, limits: limits)
  }
}
