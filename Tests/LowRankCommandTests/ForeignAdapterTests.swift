import Foundation
import LowRank
import Testing

@Suite struct `Adapters of mlx-lm and llama.cpp on the command line` {
  /// A workshop with an adapter of PEFT, and the same in the other formats.
  private func converted() throws -> Workshop {
    let workshop = try Workshop()
    let training = workshop.training(into: "a", "--iters", "4", "--target", "q_proj,k_proj,up_proj")
    #expect(try Lowrank(training).status == 0)
    for (to, name) in [("mlx", "m"), ("gguf", "a.gguf")] {
      let answer = try Lowrank(
        "convert", workshop.place("a").path, "--to", to, "--model", workshop.model.path, "--output",
        workshop.place(name).path)
      #expect(answer.status == 0, "\(answer.errors)")
    }
    return workshop
  }

  @Test func `answer as PEFT's in every verb with a model`() throws {
    let workshop = try converted()
    let valid = workshop.data.appending(path: "valid.jsonl").path
    for verb in [
      ["evaluate", "--data", valid, "--json"], ["score", "--text", "abc", "--json"],
      ["generate", "--prompt", "abc", "--max-tokens", "8", "--temperature", "0"],
    ] {
      let answers = try ["a", "m", "a.gguf"].map { name in
        try Lowrank(
          verb + ["--model", workshop.model.path, "--adapter", workshop.place(name).path])
      }
      #expect(answers.allSatisfy { $0.status == 0 }, "\(answers.map(\.errors))")
      #expect(Set(answers.map(\.output)).count == 1, "\(verb[0]): \(answers.map(\.output))")
      // The likeliest tokens may be the same with and without an adapter that was trained for a few steps.
      guard verb[0] != "generate" else { continue }
      let base = try Lowrank(verb + ["--model", workshop.model.path])
      #expect(base.output != answers[0].output, "\(verb[0]): the adapter does nothing")
    }
  }

  @Test func `are merged and trained further as PEFT's`() throws {
    let workshop = try converted()
    var (merged, trained): ([[[Float]]], [[[Float]]]) = ([], [])
    for name in ["a", "m", "a.gguf"] {
      let (place, next) = (workshop.place("\(name)-merged"), "next-\(name)")
      let answer = try Lowrank(
        "merge", "--model", workshop.model.path, "--adapter", workshop.place(name).path,
        "--output", place.path)
      #expect(answer.status == 0, "\(answer.errors)")
      merged.append(try ModelFolder(at: place).tensors.map { try $0.floats() })
      let training = [
        "train", "--model", workshop.model.path, "--data", workshop.data.path, "--adapter-path",
        workshop.place(next).path, "--init-adapter", workshop.place(name).path, "--iters", "2",
        "--precision", "f32", "--json",
      ]
      let run = try Lowrank(training)
      #expect(run.status == 0, "\(run.errors)")
      let folder = try AdapterFolder(at: workshop.place(next))
      trained.append(
        try folder.file.tensors.sorted { $0.name < $1.name }.map { try $0.floats() })
    }
    #expect(merged[0] == merged[1] && merged[0] == merged[2])
    #expect(trained[0] == trained[1] && trained[0] == trained[2])
  }

  @Test func `are inspected`() throws {
    let workshop = try converted()
    func inspect(_ name: String) throws -> JSONObject {
      try Lowrank("inspect", workshop.place(name).path, "--tensors", "--json").json()
    }
    let expected = try inspect("a")
    for (name, format, weights) in [
      ("m", "mlx", "adapters.safetensors"), ("a.gguf", "gguf", "a.gguf"),
    ] {
      let object = try inspect(name)
      #expect(object["format"]?.string == format && object["weights"]?.string == weights)
      for key in ["kind", "method", "rank", "alpha", "parameters", "tensor_count"] {
        #expect(object[key] == expected[key], "\(name): \(key)")
      }
      #expect(object["target_modules"]?.array?.count == 6)
      let text = try Lowrank("inspect", workshop.place(name).path).output
      #expect(
        text.contains("\ntarget modules: k_proj, q_proj, up_proj, in 6 modules\n"), "\(text)")
      #expect(text.contains("\nbase: not recorded\n") == (name == "a.gguf"), "\(text)")
      #expect(object["tensors"]?.array?.count == 12)
    }
  }

  @Test func `are told from a model in a GGUF file`() throws {
    let workshop = try Workshop()
    let file = workshop.place("model.gguf")
    try GGUFFile.write(
      [TensorSource("token_embd.weight", [2, 2], floats: [1, 2, 3, 4])],
      metadata: [("general.type", .string("model")), ("general.architecture", .string("llama"))],
      to: file)
    let answer = try Lowrank(
      "score", "--model", workshop.model.path, "--adapter", file.path, "--text", "abc")
    #expect(answer.status == 1)
    #expect(
      answer.errors.hasSuffix(
        "error: \(file.path): the file holds a model, not an adapter: give it as --model, and an adapter's folder or file in its place\n"
      ), "\(answer.errors)")
  }

  @Test func `of llama.cpp are inspected without the base, even where rows are ordered by heads`()
    throws
  {
    let workshop = try converted()
    let file = workshop.place("a.gguf")
    let gguf = try GGUFFile(at: file)
    // As llama.cpp's own converter writes it: without the numbers of heads.
    let metadata = gguf.metadata.filter { !$0.key.text.contains("head_count") }
      .map { ($0.key.text, $0.value) }
    let other = workshop.place("other.gguf")
    try GGUFFile.write(gguf.tensors.map { TensorSource($0) }, metadata: metadata, to: other)
    #expect(try Lowrank("inspect", other.path, "--json").json()["rank"]?.integer == 2)
    let analyzed = try Lowrank("analyze", other.path)
    #expect(analyzed.status == 1 && analyzed.errors.contains("give the folder of the base"))
    let scored = try Lowrank(
      "score", "--model", workshop.model.path, "--adapter", other.path, "--text", "abc")
    let expected = try Lowrank(
      "score", "--model", workshop.model.path, "--adapter", file.path, "--text", "abc")
    #expect(scored.status == 0 && scored.output == expected.output, "\(scored.errors)")
  }
}
