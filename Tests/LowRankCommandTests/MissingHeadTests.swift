import Foundation
import LowRank
import Testing

@Suite struct `A model without the head that predicts tokens` {
  @Test func `is refused by every verb, and nothing is written`() throws {
    let workshop = try Workshop()
    let adapter = try Lowrank(workshop.training(into: "a", "--iters", "2"))
    #expect(adapter.status == 0, "\(adapter.errors)")
    let headless = workshop.place("headless")
    try FileManager.default.copyItem(at: workshop.model, to: headless)
    let file = headless.appending(path: "model.safetensors")
    let tensors = try SafetensorsFile(at: workshop.model.appending(path: "model.safetensors"))
      .tensors.filter { $0.name.text != "lm_head.weight" }
    try FileManager.default.removeItem(at: file)
    try SafetensorsFile.write(tensors.map { TensorSource($0) }, to: file)

    let model = ["--model", headless.path]
    let train = workshop.data.appending(path: "train.jsonl").path
    let merged = workshop.place("merged")
    let verbs: [[String]] = [
      ["score", "--ids", "1,2"] + model, ["generate", "--prompt", "a"] + model,
      ["evaluate", "--data", train] + model, ["inspect", headless.path],
      ["train", "--data", train, "--adapter-path", workshop.place("b").path, "--iters", "1"]
        + model,
      ["merge", "--adapter", workshop.place("a").path, "--output", merged.path] + model,
      ["analyze", workshop.place("a").path, "--data", train, "--allow", "fingerprint"] + model,
      [
        "compress", workshop.place("a").path, "--keep", "0.5", "--verify", "--data", train,
        "--allow", "fingerprint",
      ]
        + ["--output", workshop.place("c").path] + model,
    ]
    for verb in verbs {
      let answer = try Lowrank(verb)
      #expect(answer.status == 1, "\(verb[0]): \(answer.output)")
      #expect(
        answer.errors.contains("has no tensor lm_head.weight"), "\(verb[0]): \(answer.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: merged.path))
    #expect(!FileManager.default.fileExists(atPath: workshop.place("b").path))
  }
}
