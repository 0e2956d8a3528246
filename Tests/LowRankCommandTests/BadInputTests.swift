import Foundation
import LowRank
import Testing

/// What is wrong is named in one sentence, and nothing is left half written.
@Suite struct `Bad input` {
  private func fails(
    _ workshop: Workshop, _ arguments: [String], status: Int32 = 1, saying parts: String...,
    shell prefix: String? = nil
  ) throws {
    let answer = try Lowrank(arguments, shell: prefix)
    #expect(answer.status == status, "\(answer.errors)")
    let said = answer.errors.split(separator: "\n").last { $0.hasPrefix("error: ") } ?? ""
    for part in parts { #expect(said.contains(part), "\(answer.errors)") }
    let left = try FileManager.default.contentsOfDirectory(atPath: workshop.root.path).sorted()
    #expect(left == ["data", "model"])
  }

  @Test func `that is cut short`() throws {
    let workshop = try Workshop()
    let file = workshop.model.appending(path: "model.safetensors")
    try Data(contentsOf: file).dropLast(10).write(to: file)
    try fails(workshop, workshop.training(into: "a"), saying: "model.safetensors")
  }

  @Test func `of another shape`() throws {
    let workshop = try Workshop()
    let url = workshop.model.appending(path: "config.json")
    var config = try JSONFile(at: url).object
    config["intermediate_size"] = 25
    try JSONValue.object(config).write(to: url)
    try fails(
      workshop, workshop.training(into: "a"), saying: "gate_proj.weight", "[24, 16]", "[25, 16]")
  }

  @Test func `that is no model`() throws {
    let workshop = try Workshop()
    try FileManager.default.removeItem(at: workshop.model.appending(path: "config.json"))
    try fails(workshop, workshop.training(into: "a"), saying: "config.json")
  }

  @Test func `with a broken line`() throws {
    let workshop = try Workshop()
    let url = workshop.data.appending(path: "train.jsonl")
    var lines = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
    lines[16] = "{\"text\": \"abc\""
    try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
    try fails(workshop, workshop.training(into: "a"), saying: "train.jsonl, line 17")
  }

  @Test func `with a target that matches nothing`() throws {
    let workshop = try Workshop()
    try fails(
      workshop, workshop.training(into: "a", "--target", "c_attn"), status: 2, saying: "c_attn",
      "q_proj")
  }

  @Test func `with rank 0`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a").map { $0 == "2" ? "0" : $0 }
    try fails(workshop, flags, status: 2, saying: "--rank is 0")
  }

  @Test(arguments: [
    ("--exclude", "nope", "exclude: no module matches \"nope\""),
    ("--rank-pattern", "nope=4", "--rank-pattern: no module matches \"nope\""),
    ("--layers", "0,17", "no layer 17; its layers are 0 to 1"),
    ("--bias", "all", "bias is all, expected none"),
  ])
  func `with a name that means nothing`(flag: String, value: String, sentence: String) throws {
    let workshop = try Workshop()
    try fails(workshop, workshop.training(into: "a", flag, value), status: 2, saying: sentence)
  }

  @Test(arguments: [
    ("--target", "nope", "--target: no module matches the target \"nope\""),
    ("--exclude", "nope", "exclude: no module matches \"nope\""),
    ("--rank-pattern", "up_proj=4", "--rank-pattern is for up_proj, expected modules that"),
    ("--layers", "0,17", "no layer 17; its layers are 0 to 1"),
  ])
  func `with such a name is told before rows are read`(
    flag: String, value: String, sentence: String
  ) throws {
    let workshop = try Workshop()
    try Data("no row".utf8).write(to: workshop.data.appending(path: "train.jsonl"))
    try fails(workshop, workshop.training(into: "a", flag, value), status: 2, saying: sentence)
  }

  @Test func `where an epoch is shorter than the warm-up`() throws {
    let workshop = try Workshop()
    try fails(
      workshop, workshop.training(into: "a", "--epochs", "0.5", "--warmup", "6"), status: 2,
      saying: "--warmup is 6, expected at most the run's steps, 5")
  }

  @Test(arguments: ["train", "evaluate"])
  func `that is not there`(verb: String) throws {
    let workshop = try Workshop()
    var flags = [verb, "--model", workshop.model.path, "--data", workshop.place("nofile").path]
    if verb == "train" { flags += ["--adapter-path", workshop.place("a").path] }
    try fails(workshop, flags, saying: "nofile: there is no such file")
  }

  @Test func `on a full disk`() throws {
    let workshop = try Workshop()
    // A file of at most a block of 512 bytes stands for a disk without room; the errors are in such a file too.
    try fails(
      workshop, workshop.training(into: "a", "--iters", "1", "--no-store", "--quiet"),
      saying: "adapter_model.safetensors", shell: "ulimit -f 1")
  }

  @Test func `in a run's file`() throws {
    let workshop = try Workshop()
    let url = workshop.data.appending(path: "run.yaml")
    try "learning_rat: 1e-5\n".write(to: url, atomically: true, encoding: .utf8)
    try fails(
      workshop, ["train", "-c", url.path], status: 2, saying: "learning_rat",
      "did you mean \"learning_rate\"")
  }

  @Test func `that would be replaced by the output`() throws {
    let workshop = try Workshop()
    for place in ["model", "data"] {
      let flags = workshop.training(into: place, "--overwrite")
      try fails(workshop, flags, status: 2, saying: "would replace", place)
    }
    try fails(
      workshop, workshop.training(into: ".", "--overwrite"), status: 2, saying: "would replace")
  }

  @Test func `into a folder of something else`() throws {
    let workshop = try Workshop()
    let other = workshop.data.appending(path: "notes")
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: other.appending(path: "notes.txt"))
    let flags = workshop.training(into: "data/notes")
    try fails(workshop, flags, saying: "holds other files (notes.txt); pass --overwrite")
    #expect(FileManager.default.fileExists(atPath: other.appending(path: "notes.txt").path))
  }

  @Test func `into a place that cannot be written, before anything is computed`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "data/train.jsonl/a")
    try fails(workshop, flags, saying: "data/train.jsonl")
    #expect(try !Lowrank(flags).errors.contains("step 1"))
  }

  @Test func `of a tokenizer larger than the model`() throws {
    let workshop = try Workshop()
    let url = workshop.model.appending(path: "tokenizer.json")
    let text = try String(contentsOf: url, encoding: .utf8)
    try text.replacing("\"e\": 5", with: "\"e\": 500").write(
      to: url, atomically: true, encoding: .utf8)
    try fails(workshop, workshop.training(into: "a"), saying: "the tokenizer", "500")
    try fails(
      workshop, ["generate", "--model", workshop.model.path, "--prompt", "e"],
      saying: "the tokenizer", "500")
  }

  @Test func `whose scores are not finite`() throws {
    let workshop = try Workshop()
    let file = workshop.model.appending(path: "model.safetensors")
    let tensors = try SafetensorsFile(at: file).tensors.map { tensor in
      guard tensor.name.text.hasSuffix("norm.weight") else { return TensorSource(tensor) }
      return TensorSource(
        tensor.name, tensor.shape, floats: Array(repeating: .nan, count: tensor.shape.count))
    }
    try SafetensorsFile.write(tensors, to: workshop.data.appending(path: "model.safetensors"))
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(
      at: workshop.data.appending(path: "model.safetensors"), to: file)
    try fails(
      workshop, ["score", "--model", workshop.model.path, "--ids", "1,2,3"], saying: "not finite")
    try fails(
      workshop,
      ["evaluate", "--model", workshop.model.path, "--data", workshop.data.path],
      saying: "not finite")
  }

  @Test func `into a folder in use`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "data"))
    #expect(answer.status == 2)
    #expect(answer.errors.contains("which is read from; choose another folder"), "\(answer.errors)")
  }
}
