import Foundation
import LowRank
import Testing

@Suite struct `A run that is resumed with other flags` {
  @Test func `is refused with the flags of both and what to do`() throws {
    let workshop = try Workshop()
    func train(_ more: [String]) throws -> Lowrank {
      try Lowrank(workshop.training(into: "a", "--iters", "2") + more)
    }
    let first = try train(["--warmup", "1", "--rslora"])
    #expect(first.status == 0, "\(first.errors)")
    let place = workshop.place("a").path
    let restart = "or replace the run with --overwrite"
    let flags = ["--resume", "--warmup", "1", "--rslora"]
    for (more, sentence) in [
      (
        flags + ["--rank", "4"],
        "the run began with --rank 2, and this command has --rank 4; give --rank 2, \(restart)"
      ),
      (flags + ["--dora"], "the run began without --dora; leave it out, \(restart)"),
      (["--resume", "--warmup", "1"], "the run began with --rslora; give it again, \(restart)"),
      (flags + ["--no-shuffle"], "the run began without --no-shuffle; leave it out, \(restart)"),
      (
        flags + ["--target", "v_proj"],
        "the run began with --target q_proj,v_proj, and this command has --target v_proj; give --target q_proj,v_proj, \(restart)"
      ),
      (
        flags + ["--rank-pattern", "q_proj=4"],
        "the run began without --rank-pattern q_proj=4; leave it out, \(restart)"
      ),
      (
        flags + ["--precision", "bf16"],
        "the run began with --precision f32, and this command has --precision bf16; give --precision f32, \(restart)"
      ),
      (
        flags + ["--max-grad-norm", "1"],
        "the run began without --max-grad-norm 1.0; leave it out, \(restart)"
      ),
      (
        flags + ["--iters", "3"],
        "the run has 2 steps, and this command asks for 3; give the --iters or --epochs that it began with, \(restart); --init-adapter \(place) trains its adapter further in another --adapter-path"
      ),
      (
        flags + ["--data", workshop.data.appending(path: "valid.jsonl").path],
        "the rows to train on are not those of the run; give the --data, columns, templates and --max-seq-length that it began with, \(restart)"
      ),
    ] {
      let answer = try train(more)
      #expect(answer.status == 2, "\(answer.errors)")
      #expect(answer.errors.hasSuffix("error: \(place): \(sentence)\n"), "\(answer.errors)")
    }
    // All that differs is said at once.
    let several = try train(["--resume", "--warmup", "0", "--rank", "4", "--dora", "--iters", "3"])
    #expect(several.status == 2)
    #expect(
      several.errors.hasSuffix(
        "error: \(place): the run began with --warmup 1, 2 steps, --rank 2 and --rslora, and this command has --warmup 0, 3 steps, --rank 4 and --dora; give what it began with, \(restart)\n"
      ), "\(several.errors)")
    let mixed = try train(
      flags + ["--target", "v_proj", "--data", workshop.data.appending(path: "valid.jsonl").path])
    #expect(
      mixed.errors.hasSuffix(
        "error: \(place): the run began with --target q_proj,v_proj, and this command has --target v_proj; the rows to train on are not those of the run; give what it began with, \(restart)\n"
      ), "\(mixed.errors)")
    // Another model of the same shape.
    let other = try Workshop()
    let model = try Model(
      random: JSONFile(at: other.model.appending(path: "config.json")), seed: 9,
      precision: .float32, engine: CPUEngine())
    try model.save(to: workshop.place("other"))
    try FileManager.default.copyItem(
      at: other.model.appending(path: "tokenizer.json"),
      to: workshop.place("other").appending(path: "tokenizer.json"))
    let foreign = try train(flags + ["--model", workshop.place("other").path])
    #expect(foreign.status == 2)
    #expect(
      foreign.errors.hasSuffix(
        "error: \(place): the model is not the one that the run began with; give that --model, \(restart)\n"
      ), "\(foreign.errors)")
  }

  @Test func `is refused for another rhythm of evaluations, accumulation, method or verb`() throws {
    let workshop = try Workshop()
    let restart = "or replace the run with --overwrite"
    func train(_ more: String...) throws -> Lowrank {
      try Lowrank(workshop.training(into: "a", "--iters", "2") + more)
    }
    #expect(try train("--eval-every", "1").status == 0)
    for (more, sentence) in [
      (
        ["--eval-every", "2"],
        "the run began with --eval-every 1, and this command has --eval-every 2; give --eval-every 1, \(restart)"
      ),
      (
        ["--eval-every", "1", "--grad-accumulation", "2"],
        "the run began with --grad-accumulation 1, and this command has --grad-accumulation 2; give --grad-accumulation 1, \(restart)"
      ),
      (
        ["--eval-every", "1", "--method", "hira"],
        "the run began with --method lora, and this command has --method hira; give --method lora, \(restart)"
      ),
    ] {
      let answer = try Lowrank(workshop.training(into: "a", "--iters", "2", "--resume") + more)
      #expect(answer.status == 2 && answer.errors.hasSuffix(": \(sentence)\n"), "\(answer.errors)")
    }
  }

  @Test func `is refused before its data are read`() throws {
    let workshop = try Workshop()
    func train(_ more: [String]) throws -> Lowrank {
      try Lowrank(workshop.training(into: "a", "--iters", "2") + more)
    }
    #expect(try train([]).status == 0)
    try workshop.write("no rows", to: workshop.data, "train.jsonl")
    let answer = try train(["--resume", "--rank", "4", "--learning-rate", "0.02"])
    #expect(answer.status == 2)
    #expect(
      answer.errors.hasSuffix(
        "the run began with --learning-rate 0.01 and --rank 2, and this command has --learning-rate 0.02 and --rank 4; give what it began with, or replace the run with --overwrite\n"
      ), "\(answer.errors)")
  }

  @Test func `is refused for another template or column before its data are read`() throws {
    let workshop = try Workshop()
    try workshop.write(
      #"{"question": "ab", "query": "cd", "answer": "ef"}"# + "\n", to: workshop.data,
      "train.jsonl")
    try FileManager.default.removeItem(at: workshop.data.appending(path: "valid.jsonl"))
    func run(_ more: [String]) throws -> Lowrank {
      try Lowrank(workshop.training(into: "a", "--iters", "1") + more)
    }
    let first = try run(["--prompt-template", "{question}\\n: ", "--completion-column", "answer"])
    #expect(first.status == 0, "\(first.errors)")
    // A column that is found by its name is the one that was given.
    let same = try run(["--prompt-template", "{question}\\n: ", "--resume"])
    #expect(same.status == 0, "\(same.errors)")
    try workshop.write("no rows", to: workshop.data, "train.jsonl")
    let template = try run(["--prompt-template", "{query}", "--resume"])
    #expect(template.status == 2)
    #expect(
      template.errors.contains(
        #"began with --prompt-template '{question}\n: ', and this command has --prompt-template {query}; give"#
      ), "\(template.errors)")
    let column = try run([
      "--prompt-template", "{question}\\n: ", "--completion-column", "query", "--resume",
    ])
    #expect(
      column.status == 2
        && column.errors.contains("--completion-column answer, and this command has"),
      "\(column.errors)")
  }

  @Test func `names the flag that was changed, not one that follows from it`() throws {
    let workshop = try Workshop()
    func train(_ more: [String]) throws -> Lowrank {
      try Lowrank(
        workshop.training(into: "a", "--iters", "2", "--target", "all-linear") + more)
    }
    #expect(try train(["--layers", "0"]).status == 0)
    let place = workshop.place("a").path
    for (more, sentence) in [
      (
        ["--layers", "1"],
        "the run began with --layers 0, and this command has --layers 1; give --layers 0"
      ),
      ([], "the run began with --layers 0; give it again"),
    ] {
      let answer = try train(["--resume"] + more)
      #expect(
        answer.errors.hasSuffix(
          "error: \(place): \(sentence), or replace the run with --overwrite\n"),
        "\(answer.errors)")
    }
    let target = try Lowrank(
      workshop.training(
        into: "a", "--iters", "2", "--target", "v_proj", "--layers", "0", "--resume"))
    #expect(target.errors.contains(", and this command has --target v_proj; give --target "))
    #expect(target.status == 2 && !target.errors.contains("--layers"), "\(target.errors)")
  }

  @Test func `is not called finished if its adapter is damaged`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a", "--iters", "1")
    #expect(try Lowrank(flags).status == 0)
    let file = workshop.place("a").appending(path: "adapter_model.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: file)
    let answer = try Lowrank(flags + ["--resume"])
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains("adapter_model.safetensors has changed since it was written; ")
        && answer.errors.contains("copy it from \(workshop.place("a").path)/state/step-00000001"),
      "\(answer.errors)")
    // What the sentence names is whole.
    let kept = workshop.place("a").appending(
      path: "state/step-00000001/adapter_model.safetensors")
    try Data(contentsOf: kept).write(to: file)
    #expect(try Lowrank(flags + ["--resume"]).status == 0)
  }

  @Test func `starts where there is nothing to resume yet, and says so`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--resume", "--quiet"))
    #expect(answer.status == 0)
    #expect(
      answer.errors
        == "note: there is nothing to resume in \(workshop.place("a").path): the run starts from the beginning\n"
    )
  }
}
