import LowRankTokenizers
import LowRankTraining
import Testing

/// A WordPiece tokenizer that knows single letters and puts [CLS] and [SEP] (1 and 2) around texts.
private let letters = """
  {"added_tokens": [
    {"id": 1, "content": "[CLS]", "special": true}, {"id": 2, "content": "[SEP]", "special": true}
   ],
   "truncation": {
    "max_length": 5, "strategy": "LongestFirst", "stride": 0, "direction": "Right"
   },
   "padding": {
    "strategy": {"Fixed": 5}, "direction": "Right", "pad_id": 0, "pad_type_id": 0,
    "pad_token": "[UNK]", "pad_to_multiple_of": null
   },
   "pre_tokenizer": {"type": "BertPreTokenizer"},
   "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
   "model": {
    "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "c": 5, "d": 6, "e": 7, "f": 8}
   }
  }
  """

@Suite struct `A tokenizer as an encoder of sequences` {
  private let tokenizer: Tokenizer
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.file("tokenizer.json", letters)
    tokenizer = try Tokenizer(folder: folder.url)
  }

  private func encode(
    _ first: String, _ second: String? = nil, _ longest: Int = 100
  ) throws -> EncodedSequence {
    try tokenizer.encodeSequence(first, second, longest: longest)
  }

  @Test func `pays no heed to the padding and truncation of the file`() throws {
    let short = EncodedSequence(ids: [1, 3, 2], typeIDs: [0, 0, 0], isTruncated: false)
    #expect(try encode("a") == short)
    #expect(try encode("a b c d e f").ids == [1, 3, 4, 5, 6, 7, 8, 2])
    #expect(try encode("a b c", "d e f").ids.count == 9)
  }

  @Test func `keeps the added tokens of a text that is too long`() throws {
    let cut = EncodedSequence(ids: [1, 3, 4, 2], typeIDs: [0, 0, 0, 0], isTruncated: true)
    #expect(try encode("a b c d", nil, 4) == cut)
    #expect(try encode("a b", nil, 4).isTruncated == false)
    #expect(try encode("a b", nil, 2).ids == [1, 2])
    #expect(try encode("a [SEP] b", nil, 4).ids == [1, 3, 2, 2])
  }

  @Test func `cuts the longer text of a pair`() throws {
    #expect(try encode("a b c d", "e f", 7).ids == [1, 3, 4, 2, 7, 8, 2])
    #expect(try encode("a b c d", "e f", 7).typeIDs == [0, 0, 0, 0, 1, 1, 1])
    #expect(try encode("a b c d", "e f", 7).isTruncated)
    #expect(try encode("a b c d", "e f", 9).isTruncated == false)
    #expect(try encode("", "").ids == [1, 2, 2])
  }

  @Test func `refuses a length that the added tokens exceed`() throws {
    #expect(
      message { try encode("a", nil, 1) }
        == "the tokenizer: it adds 2 tokens to a text, more than the 1 allowed")
    #expect(throws: TokenizerError.tooLong(limit: 2, truncation: .longestFirst)) {
      try encode("a", "b", 2)
    }
  }
}
