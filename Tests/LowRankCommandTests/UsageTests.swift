import Foundation
import LowRank
import Testing

@Suite struct `The command line` {
  @Test(arguments: [
    "train", "pretrain", "evaluate", "generate", "score", "merge", "compress", "analyze", "diff",
    "combine", "convert", "extract", "inspect", "data", "runs", "bench", "demo",
  ])
  func `explains every verb`(verb: String) throws {
    let help = try Lowrank(verb, "--help")
    #expect(help.status == 0)
    #expect(help.output.contains("USAGE: lowrank \(verb)"))
  }

  @Test(arguments: [
    ("train", "lowrank train -c run.yaml --target all-linear"),
    ("train", "--adapter-path <dir> Where the adapter is written. (required)"),
    ("train", "on the hub. (required)"),
    ("train", "--rank <r> The rank of every module. (default: 8)"),
    ("train", "--iters <n> Steps of the run. (default: 1000, unless --epochs is given)"),
    (
      "train",
      "polynomial, which fall to --lr-floor at the end; inverse_sqrt; or constant. (default:"
    ),
    ("train", "comma-separated, or none. (default: bias,norm as with transformers' Trainer;"),
    ("merge", "--output <path> Where the model is written: a folder, or with --gguf a file."),
    (
      "compress",
      "of the energy of all modules to keep, as 0.9 or 90%. (default of compress: 0.99, where no policy is"
    ),
    ("combine", "The rank of sum, svd and *_svd. (default: for sum the sum of the ranks,"),
    ("convert", "--to <format> peft, mlx or gguf. (required)"),
    ("convert", "lowrank convert config <file> --output <yaml>"),
  ])
  func `says what is required, and what holds unless given`(verb: String, phrase: String) throws {
    let help = try Lowrank("help", verb).output.split(whereSeparator: \.isWhitespace)
    #expect(help.joined(separator: " ").contains(phrase))
  }

  @Test func `tells its version`() throws {
    let answer = try Lowrank("--version")
    #expect(answer.status == 0)
    #expect(answer.output == "0.1.0\n")
  }

  @Test func `names an unknown flag before a missing one`() throws {
    let answer = try Lowrank("train", "--rnak", "8")
    #expect(answer.status == 2)
    #expect(answer.errors.contains("--rnak"))
  }

  @Test(arguments: [
    (["train"], "--data PATH and --adapter-path DIR are missing"),
    (["train", "--adapter-path", "x", "--seed", "-1", "--model", "m"], "m does not exist"),
    (["score", "--ids", "1"], "--model DIR is missing"),
    (["evaluate"], "--data FILE is missing"),
    (["merge", "--model", "m", "--adapter", "a"], "--output DIR is missing"),
    (["train", "--adapter-path", "x", "--lr-schedule", "square"], "inverse_sqrt or constant"),
    (["train", "--adapter-path", "x", "--iters", "0"], "--iters is 0"),
    (["train", "--adapter-path", "x", "--task", "dance"], "--task is \"dance\""),
    (["generate", "--model", "m", "--temperature", "-1"], "--temperature is -1.0"),
  ])
  func `answers a wrong wish in one sentence`(arguments: [String], sentence: String) throws {
    let answer = try Lowrank(arguments)
    #expect(answer.status == (sentence.hasSuffix("exist") ? 1 : 2))
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.output.isEmpty)
  }
}
