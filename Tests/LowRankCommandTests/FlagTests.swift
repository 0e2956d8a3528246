import Foundation
import LowRank
import Testing

/// Values that make no sense are refused before model and data are looked for.
@Suite struct `A flag of train` {
  private static let huge = "9223372036854775807"

  @Test(arguments: [
    (["--adapter", "x"], "give it as --init-adapter"),
    (["--adapter-path", ""], "--adapter-path is empty"),
    (["--rank", "0"], "--rank is 0"),
    (["--rank", "1000000000"], "--rank is 1000000000, expected a number of at most 65536"),
    (["--alpha", "nan"], "--alpha is nan"),
    (["--alpha", "0"], "--alpha is 0.0"),
    (["--alpha", "-8"], "--alpha is -8.0, expected a number above 0"),
    (
      ["--alpha-pattern", "q_proj=-2"], "--alpha-pattern q_proj is -2.0, expected a number above 0"
    ),
    (["--alpha", "1e300"], "--alpha is 1e+300"),
    (["--rank-pattern", "q_proj=0"], "--rank-pattern q_proj is 0"),
    (["--rank-pattern", "(=1"], "--rank-pattern: \"(\" is not a regular expression"),
    (["--target-regex", "("], "--target-regex: \"(\" is not a regular expression"),
    (["--target", ","], "--target is \",\""),
    (["--dropout", "1"], "--dropout is 1.0"),
    (["--dropout", "0.9999999999"], "--dropout is 0.9999999999"),
    (["--layers", "-1"], "--layers is \"-1\""),
    (["--layers", ""], "--layers is \"\""),
    (["--layers", "0-99999999999"], "the last of --layers is 99999999999"),
    (["--batch-size", huge], "--batch-size is \(huge)"),
    (["--grad-accumulation", huge], "--grad-accumulation is \(huge)"),
    (["--iters", huge], "--iters is \(huge)"),
    (["--epochs", "1e30"], "--epochs is 1e+30"),
    (["--epochs", "inf"], "--epochs is inf"),
    (["--learning-rate", "inf"], "--learning-rate is inf, expected a finite number"),
    (["--adam-eps", "inf"], "--adam-eps is inf"),
    (["--adam-betas", "a,0.9,0.9"], "--adam-betas is \"a,0.9,0.9\""),
    (["--weight-decay", "inf"], "--weight-decay is inf"),
    (["--no-decay", "bias,norms"], "--no-decay is \"bias,norms\", expected some of bias,norm"),
    (["--no-decay", ""], "--no-decay is \"\""),
    (["--lr-floor", "2e-4"], "--lr-floor is 0.0002, expected 0 or more and below --learning-rate"),
    (["--lr-floor", "-1"], "--lr-floor is -1.0"),
    (["--lr-floor", "nan"], "--lr-floor is nan"),
    (["--lr-floor", "1e-5", "--lr-schedule", "constant"], "--lr-floor has no effect"),
    (["--lr-floor", "1e-5", "--lr-schedule", "inverse_sqrt"], "--lr-floor has no effect"),
    (["--lr-power", "2"], "--lr-power is for --lr-schedule polynomial, which is linear"),
    (["--lr-power", "0", "--lr-schedule", "polynomial"], "--lr-power is 0.0, expected"),
    (["--lr-timescale", "9"], "--lr-timescale is for --lr-schedule inverse_sqrt, which is linear"),
    (["--lr-timescale", "0", "--lr-schedule", "inverse_sqrt"], "--lr-timescale is 0, expected"),
    (["--iters", "5", "--warmup", "6"], "--warmup is 6, expected at most the run's steps, 5"),
    (["--warmup", "1001"], "--warmup is 1001, expected at most the run's steps, 1000"),
  ])
  func `is refused where it makes no sense`(flags: [String], sentence: String) throws {
    let answer = try Lowrank(["train", "--model", "nomodel", "--adapter-path", "nofolder"] + flags)
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors.contains("error: "))
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test func `has at most as many threads as there are cores`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--threads", "9999999999999"))
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("note: --threads is 9999999999999, the machine has "))
  }

  @Test func `is refused where other verbs cannot count so far`() throws {
    let generate = try Lowrank("generate", "--model", "m", "--max-tokens", Self.huge)
    #expect(generate.status == 2)
    #expect(generate.errors.contains("--max-tokens is \(Self.huge)"))
    let evaluate = try Lowrank("evaluate", "--data", "d", "--batch-size", Self.huge)
    #expect(evaluate.status == 2)
    #expect(evaluate.errors.contains("--batch-size is \(Self.huge)"))
    let workshop = try Workshop()
    let score = try Lowrank("score", "--model", workshop.model.path, "--ids", "-1")
    #expect(score.status == 2)
    #expect(score.errors.contains("the token -1 is outside the vocabulary"))
  }
}
