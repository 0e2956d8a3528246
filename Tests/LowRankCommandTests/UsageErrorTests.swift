import Foundation
import LowRank
import Testing

/// Wrong usage is one sentence that names flag, value and what is expected, and exit code 2.
@Suite struct `Wrong usage` {
  @Test(arguments: [
    ("train --learning-rate abc", "--learning-rate is \"abc\", expected a number"),
    ("train --rank x", "--rank is \"x\", expected a whole number"),
    ("train --rank 2.5", "--rank is \"2.5\", expected a whole number"),
    ("train --lr=1e", "--learning-rate is \"1e\", expected a number"),
    ("train --iters -", "--iters is \"-\", expected a whole number"),
    ("train --rank", "--rank is given without its value, a whole number"),
    ("train --target --rank 3", "--target is given without its value"),
    ("train --dora=yes", "--dora takes no value, found \"yes\""),
    ("pretrain --epochs two", "--epochs is \"two\", expected a number"),
    ("evaluate --batch-size many", "--batch-size is \"many\", expected a whole number"),
    ("predict --threshold half", "--threshold is \"half\", expected a number"),
    ("generate --temperature warm", "--temperature is \"warm\", expected a number"),
    ("generate --max-tokens 1e3", "--max-tokens is \"1e3\", expected a whole number"),
    ("embed --threads all", "--threads is \"all\", expected a whole number"),
    ("score --seed z", "--seed is \"z\", expected a whole number"),
    ("merge --max-kl small", "--max-kl is \"small\", expected a number"),
    ("compress a --keep most", "--keep is \"most\", expected a number"),
    ("analyze a --directions few", "--directions is \"few\", expected a whole number"),
    ("combine a b --seed -3", "--seed is \"-3\", expected a whole number of 0 or more"),
    ("convert a --alpha x", "--alpha is \"x\", expected a number"),
    ("extract --rank all", "--rank is \"all\", expected a whole number"),
    ("data check --row first", "--row is \"first\", expected a whole number"),
    ("bench train --steps x", "--steps is \"x\", expected a whole number"),
    ("demo --threads x", "--threads is \"x\", expected a whole number"),
    ("watch --port http", "--port is \"http\", expected a whole number"),
    ("runs --limit x", "--limit is \"x\", expected a whole number"),
    ("runs list --limit x", "--limit is \"x\", expected a whole number"),
    (
      "runs show abc",
      "lowrank runs show takes the number of a run, found \"abc\"; lowrank runs lists them"
    ),
    (
      "runs compare 1 b",
      "lowrank runs compare takes the number of a run, found \"b\"; lowrank runs lists them"
    ),
    (
      "runs export x --wide",
      "lowrank runs export takes the number of a run, found \"x\"; lowrank runs lists them"
    ),
    (
      "runs remove x --force",
      "lowrank runs remove takes the number of a run, found \"x\"; lowrank runs lists them"
    ),
    (
      "evaluate --allow all --model m",
      "--allow: there is no check \"all\"; the checks are tensors, targets, shapes, finite, rank, fingerprint"
    ),
    ("train --color red", "--color is \"red\", expected auto, always or never"),
    ("diff a", "give two adapter folders, found 1"),
    ("inspect", "give a folder, a name on the hub, or a file of tensors"),
    ("pull a/b --adapter --dataset", "--adapter contradicts --dataset"),
    ("push a", "give an adapter's folder and a name"),
    ("convert config", "give the file to convert"),
  ])
  func `is one sentence`(line: String, sentence: String) throws {
    let answer = try Lowrank(line.split(separator: " ").map(String.init))
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors == "error: \(sentence)\n")
    #expect(answer.output.isEmpty)
  }

  @Test(arguments: [
    (
      ["--target", "q_prj"], "--target: no module matches the target \"q_prj\"",
      "did you mean \"q_proj\"?"
    ),
    (["--target-regex", "nothing"], "--target-regex: no module matches the target", "q_proj"),
    (["--exclude", "nope"], "--exclude: no module matches \"nope\"", "q_proj"),
    (["--rank-pattern", "nope=4"], "--rank-pattern: no module matches \"nope\"", "q_proj"),
    (["--layers", "0,17"], "--layers: the model has no layer 17; its layers are 0 to 1", ""),
    (["--modules-to-save", "heads"], "--modules-to-save: no module matches \"heads\"", "lm_head"),
    (["--bias", "all"], "--bias is all, expected none", ""),
  ])
  func `of flags that name modules is told from a failure`(
    flags: [String], sentence: String, hint: String
  ) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a") + flags)
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors.contains("error: \(sentence)"), "\(answer.errors)")
    #expect(hint.isEmpty || answer.errors.contains(hint), "\(answer.errors)")
  }

  @Test(arguments: [
    ["evaluate", "--model", "nomodel", "--data", "nodata"], ["inspect", "./nothing"],
    ["runs", "show", "1"], ["compress", "nothing", "--output", "o"], ["diff", "a", "b"],
    ["embed", "--model", "./nomodel", "--text", "a"],
    ["convert", "config", "nofile.yml", "--output", "o.yml"],
  ])
  func `is told from a failure, whose exit code is 1`(arguments: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "usage-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let answer = try Lowrank(arguments, in: folder)
    #expect(answer.status == 1 && answer.errors.hasPrefix("error: "), "\(answer.errors)")
    #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
  }

  @Test func `of data for another task names the flag`() throws {
    let workshop = try ClassifierWorkshop()
    let texts = try Workshop()
    let labels = try Lowrank(
      "train", "--model", texts.model.path, "--data", workshop.data.path, "--adapter-path",
      workshop.place("a").path)
    #expect(
      labels.errors.contains(
        "\"label\" looks like a label: --task classification trains a classifier"),
      "\(labels.errors)")
    try workshop.write(
      "{\"text\": \"abc\", \"label\": 1}\n", to: texts.data, "train.jsonl")
    let text = try Lowrank(texts.training(into: "b", "--iters", "1"))
    #expect(text.status == 0)
    #expect(
      text.errors.contains(
        "train.jsonl: \"text\" alone is trained; \"label\" looks like a label: --task classification trains a classifier"
      ), "\(text.errors)")
    try workshop.write(
      "{\"prompt\": \"abc\", \"completion\": \"d\"}\n", to: texts.data, "train.jsonl")
    let pairs = try Lowrank(texts.training(into: "c", "--task", "classification"))
    #expect(pairs.status == 1)
    #expect(
      pairs.errors.contains(
        "rows of \"prompt\" and \"completion\" are trained without --task, which is for rows with labels"
      ), "\(pairs.errors)")
  }
}

/// The help of a verb says of the verb itself what is required.
@Suite struct `The help of a verb` {
  @Test(arguments: [
    ("merge", "--adapter", "the hub. (required)"),
    ("evaluate", "--adapter", "the hub. (default: none)"),
    (
      "train", "--adapter",
      "Not for runs, which make an adapter: --adapter-path says where, and --init-adapter of train from which."
    ),
    ("train", "--data", "(required, or --train-file)"), ("evaluate", "--data", "(required)"),
    ("predict", "--data", "(required, or --text)"),
    ("pretrain", "--data", "(required, or --train-file)"),
  ])
  func `says what it requires`(verb: String, flag: String, words: String) throws {
    let help = try Lowrank(verb, "--help").output
    let start = try #require(help.range(of: "\n  \(flag) <"))
    let rest = help[start.upperBound...]
    let end = rest.range(of: "\n  --")?.lowerBound ?? rest.endIndex
    let text = rest[..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.hasSuffix(words), "\(text)")
  }

  @Test(arguments: ["analyze", "compress"])
  func `requires no data where it measures nothing`(verb: String) throws {
    let help = try Lowrank(verb, "--help").output.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    #expect(help.contains("owner/name[@revision][:config]. --"), "\(help)")
  }
}
