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

  /// Takes a template's text from anywhere, and the tokens that it may name from a `tokenizer_config.json`.
  ///
  /// - Parameter file: where that is from, for errors.
  /// Throws `TemplateError` that names the file.
  public init(
    _ source: String, tokenizerConfig data: Data, of file: String,
    limits: TemplateLimits = .standard
  ) throws(TemplateError) {
    let files = try ChatTemplateFiles(tokenizerConfig: data, of: file)
    try self.init(source, specialTokens: files.specialTokens, limits: limits)
  }
}
