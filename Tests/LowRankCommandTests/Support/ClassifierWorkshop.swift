import Foundation
import LowRank
import LowRankTesting
import Testing

/// A folder with a tiny bare encoder, its vocabulary and rows with labels, made for one test.
final class ClassifierWorkshop {
  let root = FileManager.default.temporaryDirectory.appending(path: "lowrank-workshop-\(UUID())")

  /// Makes a small BERT of words, and rows whose first word says which of three classes they are.
  init() throws {
    let config: JSONObject = [
      "architectures": ["BertModel"], "model_type": "bert", "hidden_size": 16,
      "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
      "vocab_size": .integer(Self.words.count), "max_position_embeddings": 24,
      "type_vocab_size": 2, "initializer_range": 0.3, "hidden_dropout_prob": 0,
      "attention_probs_dropout_prob": 0,
    ]
    let model = try Model(
      random: JSONFile(config, at: root), seed: 5, precision: .float32, engine: CPUEngine())
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try model.save(to: self.model)
    try write(Self.words.joined(separator: "\n") + "\n", to: self.model, "vocab.txt")
    try write("{\"do_lower_case\": true}", to: self.model, "tokenizer_config.json")
    try write(Self.rows(60, seed: 1), to: data, "train.tsv")
    try write(Self.rows(24, seed: 2), to: data, "valid.tsv")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var model: URL { root.appending(path: "model") }
  var data: URL { root.appending(path: "data") }
  func place(_ name: String) -> URL { root.appending(path: name) }

  func write(_ text: String, to folder: URL, _ name: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  /// The flags of a short run.
  func training(into adapter: String, _ more: String...) -> [String] {
    [
      "train", "--task", "classification", "--model", model.path, "--data", data.path,
      "--adapter-path", place(adapter).path, "--rank", "2", "--batch-size", "8",
      "--learning-rate", "0.02", "--precision", "f32", "--json",
    ] + more
  }

  /// An adapter that was trained on the rows.
  func trained(_ name: String = "a") throws -> URL {
    let answer = try Lowrank(training(into: name, "--iters", "40"))
    #expect(answer.status == 0, "\(answer.errors)")
    return place(name)
  }

  /// What a verb answers on the model with an adapter.
  func ask(_ verb: String, _ adapter: URL, _ more: String...) throws -> Lowrank {
    try Lowrank(
      [verb, "--model", model.path, "--adapter", adapter.path, "--precision", "f32", "--json"]
        + more)
  }

  static let classes = ["bad", "fine", "good"]
  private static let words =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + classes
    + ["film", "book", "song", "the", "a", "was"]

  /// Rows of a text and its class.
  static func rows(_ count: Int, seed: UInt64, label: (Int) -> String = { classes[$0] }) -> String {
    var random = Philox(key: seed)
    return "sentence\tlabel\n"
      + (0..<count).map { _ in
        let index = random.integer(below: 3)
        let noun = ["film", "book", "song"][random.integer(below: 3)]
        return "the \(noun) was \(classes[index])\t\(label(index))\n"
      }.joined()
  }
}
