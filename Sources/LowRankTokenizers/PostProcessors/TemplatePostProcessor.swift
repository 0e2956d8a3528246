/// Puts special tokens around a text or two, and says of which kind each token is:
/// `TemplateProcessing`, `BertProcessing` and `RobertaProcessing` of the file.
struct TemplatePostProcessor: PostProcessor {
  /// A token that is put in.
  struct Token: Sendable {
    var id: Int32
    var typeID: Int32 = 0
  }

  /// One text with what stands around it.
  struct Part: Sendable {
    var before: [Token] = []
    var typeID: Int32 = 0
    var after: [Token] = []

    /// The same of another type.
    func of(typeID: Int32) -> Part {
      func change(_ tokens: [Token]) -> [Token] { tokens.map { Token(id: $0.id, typeID: typeID) } }
      return Part(before: change(before), typeID: typeID, after: change(after))
    }
  }

  let single: Part
  let pair: [Part]

  init(single: Part, pair: [Part]) { (self.single, self.pair) = (single, pair) }

  /// BERT's way: a token before the first text, one after each, and the second of another type.
  init(first: Int32, last: Int32) {
    let part = Part(before: [.init(id: first)], after: [.init(id: last)])
    single = part
    pair = [part, Part(after: part.after).of(typeID: 1)]
  }

  /// RoBERTa's way: two tokens between the texts, which are of one type.
  init(first: Int32, lastOfBoth last: Int32) {
    let part = Part(before: [.init(id: first)], after: [.init(id: last)])
    single = part
    pair = [part, Part(before: part.after, after: part.after)]
  }

  private func parts(_ count: Int) -> [Part] { count == 1 ? [single] : pair }

  func addedCount(texts: Int) -> Int {
    parts(texts).reduce(0) { $0 + $1.before.count + $1.after.count }
  }

  func apply(to encodings: inout [Encoding], of texts: [[UInt8]], _ context: PostProcessing) {
    for (index, part) in zip(encodings.indices, parts(encodings.count)) {
      let count = encodings[index].count
      encodings[index].typeIDs = Array(repeating: part.typeID, count: count)
      guard context.addsSpecialTokens else { continue }
      encodings[index].insertSpecial(part.after, at: count)
      encodings[index].insertSpecial(part.before, at: 0)
    }
  }
}
