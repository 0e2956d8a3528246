import Foundation
import LowRank
import Testing

@Suite struct `A word of the command line` {
  @Test(arguments: [
    ("trian", "lowrank has no verb \"trian\"; did you mean lowrank train?"),
    ("eval", "did you mean lowrank evaluate?"), ("trn", "did you mean lowrank train?"),
    ("runs shwo", "lowrank runs has no verb \"shwo\"; did you mean lowrank runs show?"),
    ("runs 3", "did you mean lowrank runs show 3?"),
    ("data chekc", "did you mean lowrank data check?"),
    ("help trian", "did you mean lowrank train?"),
    ("xyzzy", "lowrank has no verb \"xyzzy\"; the verbs are compress, analyze"),
    ("train --rnak 8", "lowrank train has no flag --rnak; did you mean --rank?"),
    ("train --rank 4 --rnak 8", "no flag --rnak; --rank, which is close, is given already"),
    (
      "train --adapter-path x --memory-limit -5GB",
      "--memory-limit is \"-5GB\", expected a size of at least 1MB"
    ),
    ("runs --limt 3", "lowrank runs has no flag --limt; did you mean --limit?"),
    ("convert a --too gguf", "lowrank convert has no flag --too; did you mean --to?"),
    ("train --quux 8", "lowrank train has no flag --quux; lowrank train --help lists its flags"),
    ("train -r 8", "lowrank train has no flag -r; did you mean --rank or --resume?"),
    ("train --force", "did you mean --overwrite?"),
    ("train --device cuda", "no flag --device; lowrank computes on the processor"),
    ("train --load_in_4bit", "no flag --load_in_4bit; a quantised base is a GGUF file"),
    ("train --val-split 0.1", "did you mean --valid-share, as --valid-share 0.1"),
    ("fuse", "did you mean lowrank merge?"),
    ("generate --model m Hello", "found \"Hello\" too; give a prompt with --prompt, in quotes"),
    ("train", "--model DIR, --data PATH and --adapter-path DIR are missing"),
    ("train --model m", "error: --data PATH and --adapter-path DIR are missing"),
    ("train --scale 20", "did you mean --alpha, which is the scale times the rank?"),
    ("train --trainable-tokens 5 7", "put several between commas, as --trainable-tokens 5,7"),
    ("train --target q_proj v_proj", "put several between commas, as --target q_proj,v_proj"),
    ("generate --prompt Hello world", "no arguments besides flags, found \"world\" too"),
    ("compress a b", "lowrank compress takes 1 argument besides flags, found \"b\" too"),
    ("--version --json --unknown", "--version goes with --json alone, found"),
    ("convert a --to petf --output o", "expected peft, mlx or gguf; did you mean \"peft\"?"),
    ("combine a:0.5 b --output o", "error: a:0.5 does not exist; write a=0.5\n"),
    ("combine a b:-1 --output o", "error: b:-1 does not exist; write b=-1\n"),
    (
      "methods pisa",
      "there is no method \"pisa\"; did you mean \"pissa\"? lowrank methods lists all"
    ),
    ("methods xyzzy", "there is no method \"xyzzy\"; lowrank methods lists all"),
    (
      "compress a --output o --energy 900%",
      "--energy is 9.0, expected a share above 0 and at most 1, as 0.9 or 90%"
    ),
    ("combine a --mode tise --output o", "did you mean \"ties\"?"),
    ("train --adapter-path x --bias al", "expected none, all or lora_only"),
    ("train --adapter-path x --task clasification", "did you mean \"classification\"?"),
    ("train --adapter-path x --metric acuracy --task classification", "did you mean \"accuracy\"?"),
    ("train --adapter-path x --lr-schedule cosin", "did you mean \"cosine\"?"),
    ("train --adapter-path x --epochs 1 --iters 2", "give either --epochs or --iters, not both"),
  ])
  func `that is wrong is named, with the one that is close`(line: String, sentence: String) throws {
    let answer = try Lowrank(line.split(separator: " ").map(String.init))
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.errors.filter { $0 == "\n" }.count == 1, "\(answer.errors)")
    #expect(answer.output.isEmpty)
  }

  @Test(arguments: [
    ("train --lr nan", "--learning-rate is nan"),
    ("train --learning_rate nan", "--learning-rate is"),
    ("train --num-train-epochs 0", "--epochs is 0"), ("train --max-steps 0", "--iters is 0"),
    ("train --steps 1 --epoch 1", "give either --epochs or --iters"),
    ("train --lora-r 0", "--rank is 0"), ("train --r 0", "--rank is 0"),
    ("train --lora-alpha 0", "--alpha is 0"), ("train --grad-accum 0", "--grad-accumulation is 0"),
    ("train --gradient-accumulation-steps=0", "--grad-accumulation is 0"),
    ("train -b 0", "--batch-size is 0"), ("train --wd nan", "--weight-decay is nan"),
    ("train --scheduler square", "--lr-schedule is \"square\""),
    ("train --eval-steps 0", "--eval-every is 0"),
    ("train -o a --adapter-path b", "--adapter-path is given twice, as a and as b"),
    ("train --output a --output-dir b", "--adapter-path is given twice, as a and as b"),
    ("generate -m m --model n", "--model is given twice, as m and as n"),
    ("generate --model m --temp -1", "--temperature is -1"),
    ("generate --model m --top_p 0", "--top-p is 0"),
    ("generate --model m --max-new-tokens 0", "--max-tokens is 0"),
    ("generate --adapter-path a --adapter b", "--adapter is given twice, as a and as b"),
    ("evaluate -d d --bs 0", "--batch-size is 0"),
    ("merge -m m -a x", "--output DIR is missing"),
  ])
  func `may be another trainer's name for a flag`(line: String, sentence: String) throws {
    var words = line.split(separator: " ").map(String.init)
    if words[0] == "train", !sentence.hasPrefix("--adapter-path") {
      words += ["--adapter-path", "nofolder"]
    }
    let answer = try Lowrank(words)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test(arguments: [
    "generate --model m --adapter a --adapter b", "evaluate --data d --adapter a --adapter=b",
    "merge --adapter a --model m --output o --adapter b", "score --adapter a --ids 1 --adapter b",
    "predict --adapter a --adapter b", "embed --adapter a --adapter b",
  ])
  func `that gives a second adapter is refused with both names`(line: String) throws {
    let answer = try Lowrank(line.split(separator: " ").map(String.init))
    #expect(answer.status == 2)
    #expect(answer.errors == "error: --adapter is given twice, as a and as b; give one of them\n")
  }

  @Test func `that is the value of a flag is no flag`() throws {
    let workshop = try Workshop()
    // --ids takes any word, so this is no second --model.
    let answer = try Lowrank("score", "--ids", "--model", "--model", workshop.model.path)
    #expect(answer.status == 2 && answer.errors.contains("--ids: \"--model\" is not a number"))
    let several = try Lowrank(
      "generate", "--model", workshop.model.path, "--prompt", "a", "--prompt", "b", "--max-tokens",
      "1")
    #expect(several.status == 0, "\(several.errors)")
  }

  @Test func `applies to a run's file, whose key it may stand for`() throws {
    let workshop = try Workshop()
    let file = workshop.place("run.yaml")
    try "learning_rate: 1e-4\n".write(to: file, atomically: true, encoding: .utf8)
    let over = try Lowrank(
      ["train", "-c", file.path, "--lr", "nan", "--adapter-path", workshop.place("a").path])
    #expect(over.status == 2 && over.errors.contains("--learning-rate is nan"), "\(over.errors)")
    try "lr: 1e-4\n".write(to: file, atomically: true, encoding: .utf8)
    let key = try Lowrank("train", "-c", file.path)
    #expect(key.status == 2 && key.errors.contains("did you mean \"learning_rate\"?"))
  }
}
