/// Puts special tokens before and after a text: `TemplateProcessing`, `BertProcessing` and
/// `RobertaProcessing` of the file, as far as they concern a single text.
struct TemplatePostProcessor: PostProcessor {
  let before: [Int32]
  let after: [Int32]

  func apply(to encoding: inout Encoding, of text: [UInt8], _ context: PostProcessing) {
    guard context.addsSpecialTokens else { return }
    encoding.insertSpecial(before, at: 0)
    encoding.insertSpecial(after, at: encoding.count)
  }
}
