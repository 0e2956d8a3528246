import Foundation
import LowRank

/// How texts become tokens for a model, or for an adapter that brings a tokenizer or a chat template of its own.
struct ServedTexts: Sendable {
  /// The tokenizer.
  let tokenizer: Tokenizer
  /// What the tokenizer's files call it.
  let names: TokenizerNames
  /// Where a sequence ends.
  let end: EndOfSequence
  /// What writes conversations; nil where there is no chat template.
  let renderer: TemplateRenderer?
  /// The token that ends a turn of the assistant.
  let turnEnd: Int32?

  /// The texts of a model, with a chat template in the place of its own where one is given.
  ///
  /// - Throws: `ModelError` for a model without a folder, and what reading the files throws.
  init(_ model: Model, renderer: TemplateRenderer? = nil) throws {
    guard let folder = model.folder else { throw ModelError.noFolder }
    let tokenizer = try model.tokenizer
    let end = try EndOfSequence(
      inModelFolder: folder.url, tokenizer: model.tokenizerFolder
    ) { tokenizer.id(of: $0) }
    (self.tokenizer, self.end) = (tokenizer, end)
    names = try TokenizerNames(at: model.tokenizerFolder ?? folder.url)
    self.renderer = try renderer ?? TemplateRenderer(inModelFolder: folder.url)
    turnEnd = self.renderer.flatMap {
      ChatEncoding($0, ends: TurnEnds(tokenizer, stops: end.stops)).turnEnd
    }
  }

  /// The texts of an adapter that brings a tokenizer or a chat template; nil where it brings neither.
  ///
  /// - Throws: as ``init(_:renderer:)``.
  init?(of adapter: Adapter, in folder: URL, on base: Model) throws {
    let hasTokenizer = adapter.base.tokenizerFolder != base.tokenizerFolder
    let hasSettings = FileManager.default.fileExists(
      atPath: folder.appending(path: "tokenizer_config.json").path)
    let template = AdapterFolder.template(in: folder)
    guard hasTokenizer || template != nil, let model = base.folder?.url else { return nil }
    let own =
      hasSettings
      ? try TemplateRenderer(inModelFolder: folder)
      : try template.flatMap { try TemplateRenderer(inModelFolder: model, template: $0) }
    try self.init(adapter.base, renderer: own)
  }

  /// The tokens at which an answer ends: those of the model, and in a chat the one that ends a turn.
  func stops(inChat: Bool) -> Set<Int32> {
    inChat ? end.stops.union(turnEnd.map { [$0] } ?? []) : end.stops
  }

  /// A prompt as tokens; one that the tokenizer would end is left open.
  func encode(prompt text: String, addingSpecialTokens: Bool = true) -> [Int32] {
    var ids = tokenizer.encode(text, addSpecialTokens: addingSpecialTokens).ids
    if addingSpecialTokens, ids.count > 1, let last = ids.last, end.stops.contains(last) {
      ids.removeLast()
    }
    return ids
  }

  /// The text and the bytes of a token as it stands behind another one.
  func spelling(of token: Int32, after previous: Int32?) -> TokenText {
    if let bytes = tokenizer.partialBytes(of: token) {
      return TokenText(text: String(decoding: bytes, as: UTF8.self), bytes: bytes)
    }
    let text = text(of: token, after: previous)
    return TokenText(text: text, bytes: Array(text.utf8))
  }

  private func text(of token: Int32, after previous: Int32?) -> String {
    guard let previous else { return tokenizer.decode([token], skipSpecialTokens: false) }
    let before = tokenizer.decode([previous], skipSpecialTokens: false)
    let both = tokenizer.decode([previous, token], skipSpecialTokens: false)
    guard both.utf8.starts(with: before.utf8) else {
      return tokenizer.decode([token], skipSpecialTokens: false)
    }
    return String(decoding: both.utf8.dropFirst(before.utf8.count), as: UTF8.self)
  }
}
