import Foundation
import LowRank
import Testing

/// A benchmark answers what it cannot measure in one sentence.
@Suite struct `bench train` {
  private func answer(changing changes: [String: Int] = [:], _ flags: [String]) throws -> Lowrank {
    var config: JSONObject = [
      "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 16, "n_layer": 1,
      "n_head": 2, "n_positions": 32, "vocab_size": 32,
    ]
    for (key, value) in changes { config[key] = .integer(value) }
    let url = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: url) }
    try JSONValue.object(config).write(to: url)
    return try Lowrank(["bench", "train", "--config", url.path] + flags)
  }

  @Test(arguments: [
    (["--length", "33"], "--length is 33, expected at most the model's 32 positions"),
    (["--length", "99999999"], "--length is 99999999"),
    (["--batch", "9223372036854775807"], "--batch is 9223372036854775807"),
    (["--batch", "500000", "--length", "3"], "--batch times --length is 1500000"),
    (["--steps", "9223372036854775807"], "--steps is 9223372036854775807"),
    (["--warmup", "9223372036854775807"], "--warmup is 9223372036854775807"),
    (["--warmup", "-1"], "--warmup is -1"),
    (["--rank", "0"], "--rank is 0"),
    (["--rank", "1000000000"], "--rank is 1000000000"),
    (["--threads", "0"], "--threads is 0"),
  ])
  func `refuses a flag that makes no sense`(flags: [String], sentence: String) throws {
    let answer = try answer(flags)
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test(arguments: [
    (["n_embd": 1_000_000_000_000_000_000], "\"n_embd\" is 1000000000000000000"),
    (["vocab_size": 1_000_000_000], "\"vocab_size\" is 1000000000"),
    (["n_inner": 0], "\"n_inner\" is 0"),
    (["vocab_size": 16_000_000, "n_embd": 16_000_000], "choose a smaller configuration"),
  ])
  func `refuses a model that fits nowhere`(changes: [String: Int], sentence: String) throws {
    let answer = try answer(changing: changes, ["--length", "8"])
    #expect(answer.status == 1, "\(answer.errors)")
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test func `measures an encoder as a classifier, whose last block sees one row of each sequence`()
    throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let config: JSONObject = [
      "model_type": "bert", "vocab_size": 32, "hidden_size": 16, "intermediate_size": 32,
      "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 64,
    ]
    let url = folder.appending(path: "config.json")
    try JSONValue.object(config).write(to: url)
    let answer = try Lowrank(
      "bench", "train", "--config", url.path, "--batch", "2", "--length", "10", "--rank", "1",
      "--target", "query", "--steps", "1", "--precision", "f32", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    // Keys and values of all 20 rows; queries, output, up, down, pooler and classifier of 2 alone.
    let (all, few) = (20.0, 2.0)
    let forward = 2 * (2 * 256 * all + (2 * 256 + 2 * 512 + 256 + 32) * few)
    // Backward above the queries: what reads the same rows has nothing to learn below it.
    let backward = 2 * (256 + 2 * 512 + 256 + 32) * few
    let factors = 6 * (16 + 16) * few
    let attention = 12 * few * 10 * 16
    #expect(try answer.json()["model_flops"]?.double == forward + backward + factors + attention)
  }

  @Test func `measures at the last position`() throws {
    let answer = try answer([
      "--length", "32", "--batch", "1", "--steps", "1", "--warmup", "0", "--threads", "1",
    ])
    #expect(answer.status == 0, "\(answer.errors)")
  }
}
