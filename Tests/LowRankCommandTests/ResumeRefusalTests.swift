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
}
