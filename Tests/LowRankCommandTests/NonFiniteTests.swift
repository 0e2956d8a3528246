import Foundation
import LowRank
import Testing

/// Models with a weight that is not a number.
@Suite struct `A model with numbers that are not finite` {
  /// Makes one number of a tensor not a number.
  private func spoil(_ file: URL, _ name: String) throws {
    let old = try SafetensorsFile(at: file)
    let sources = try old.tensors.map { tensor in
      var values = try tensor.floats()
      if tensor.name.text.hasSuffix(name) { values[0] = .nan }
      return TensorSource(tensor.name, tensor.shape, floats: values)
    }
    let other = file.appendingPathExtension("new")
    try SafetensorsFile.write(sources, metadata: old.metadata, to: other)
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(at: other, to: file)
  }

  @Test func `is named by every verb that computes with it`() throws {
    let workshop = try Workshop()
    let name = "model.layers.1.self_attn.q_proj.weight"
    try spoil(workshop.model.appending(path: "model.safetensors"), name)
    let model = ["--model", workshop.model.path, "--precision", "f32"]
    for (verb, problem) in [
      (["generate", "--prompt", "ab"], "the logits after 2 tokens are not finite"),
      (["evaluate", "--data", workshop.data.path], "the loss is not finite"),
      (["score", "--text", "ab"], "a log-probability is not finite"),
    ] {
      let answer = try Lowrank(verb + model)
      #expect(answer.status == 1 && answer.output.isEmpty, "\(verb): \(answer.output)")
      #expect(
        answer.errors.hasSuffix(
          "error: \(workshop.model.path): \(problem): \(name) of \(workshop.model.path) holds a number that is not finite\n"
        ), "\(answer.errors)")
    }
  }

  @Test func `or an adapter that has some is named, with the parameter`() throws {
    let workshop = try AdapterWorkshop()
    try workshop.rewrite { name, shape, values in
      (
        name.text, shape,
        name.text.contains("layers.1.self_attn.v_proj.lora_B")
          ? [.nan] + values.dropFirst() : values
      )
    }
    let answer = try Lowrank(
      "generate", "--model", workshop.model.path, "--adapter", workshop.adapter.path, "--prompt",
      "ab", "--allow", "finite", "--precision", "f32")
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains("after 2 tokens are not finite: ")
        && answer.errors.contains("layers.1.self_attn.v_proj.lora_B"), "\(answer.errors)")
  }

  @Test func `of classifiers is named too`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let name = "encoder.layer.0.attention.self.query.weight"
    try spoil(workshop.model.appending(path: "model.safetensors"), name)
    let model = ["--model", workshop.model.path, "--precision", "f32"]
    let text = ["--text", "the film was good"]
    let output = workshop.place("said.jsonl").path
    for answer in [
      try Lowrank(["embed"] + model + text),
      try Lowrank(
        ["predict", "--adapter", adapter.path, "--allow", "fingerprint", "--output", output]
          + model + text),
    ] {
      #expect(answer.status == 1, "\(answer.errors)")
      #expect(
        answer.errors.contains("is not finite: ") && answer.errors.contains("\(name) of "),
        "\(answer.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
