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
  }

  let single: Part
  let pair: [Part]

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
