import Foundation
import LowRank
import Testing

@Suite struct `A classifier` {
  @Test func `is trained, judged and asked`() throws {
    let workshop = try ClassifierWorkshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "60", "--eval-every", "20"))
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("columns: sentence → label; 3 classes"))
    #expect(answer.errors.contains("new, with random weights: pooler, classifier"))
    let report = try answer.json()
    let best = try #require(report["valid_accuracy"]?.double)
    #expect(best > 0.9)
    let adapter = workshop.place("a")
    let judged = try workshop.ask("evaluate", adapter, "--data", workshop.data.path).json()
    // The adapter that was kept is that of the best evaluation.
    #expect(judged["accuracy"]?.double == best)
    #expect(judged["rows"]?.integer == 24)
    let confusion = try #require(judged["report"]?.object?["confusion"])
    #expect(confusion != .null)

    let output = workshop.place("said.jsonl")
    let said = try workshop.ask(
      "predict", adapter, "--data", workshop.data.path, "--output", output.path)
    #expect(said.status == 0, "\(said.errors)")
    let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
    let rows = try String(
      contentsOf: workshop.data.appending(path: "valid.tsv"), encoding: .utf8
    ).split(separator: "\n").dropFirst()
    #expect(lines.count == 24)
    var right = 0
    for (line, row) in zip(lines, rows) {
      let json = try #require(try JSONValue(parsing: String(line), from: "a line").object)
      let probabilities = try #require(json["probabilities"]?.object)
      let sum = probabilities.entries.reduce(0) { $0 + ($1.value.double ?? 0) }
      #expect(abs(sum - 1) < 1e-9)
      let label = try #require(json["label"]?.string)
      #expect(
        probabilities.entries.allSatisfy {
          ($0.value.double ?? 1) <= (probabilities[label]?.double ?? 0)
        })
      if row.hasSuffix("\t\(label)") { right += 1 }
    }
    #expect(Double(right) / 24 == best)
    let one = try workshop.ask("predict", adapter, "--text", "the film was good")
    #expect(try one.json()["label"]?.string == "good")
  }

  @Test func `saves the head as PEFT does, with what the model had none of`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let config = try JSONFile(at: adapter.appending(path: "adapter_config.json"))
    #expect(config["task_type"]?.string == "SEQ_CLS")
    #expect(config["modules_to_save"] == ["classifier", "pooler"])
    let file = try SafetensorsFile(at: adapter.appending(path: "adapter_model.safetensors"))
    for name in ["classifier.weight", "classifier.bias", "bert.pooler.dense.weight"] {
      #expect(file[TensorName("base_model.model." + name)] != nil, "\(name)")
    }
  }

  @Test func `is merged, pruned and evaluated without columns or classes being said again`() throws
  {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let merged = workshop.place("merged")
    let answer = try workshop.ask("merge", adapter, "--output", merged.path)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try #require(answer.json()["largest_logit_difference"]?.double) < 1e-4)
    let whole = try Lowrank(
      "evaluate", "--model", merged.path, "--data", workshop.data.path, "--precision", "f32",
      "--json"
    ).json()
    let before = try workshop.ask("evaluate", adapter, "--data", workshop.data.path).json()
    #expect(whole["accuracy"] == before["accuracy"])
    let pruned = try Lowrank(
      "compress", adapter.path, "--output", workshop.place("small").path, "--model",
      workshop.model.path, "--data", workshop.data.path, "--precision", "f32",
      "--max-metric-drop", "0.05", "--json")
    #expect(pruned.status == 0, "\(pruned.errors)")
    let facts = try pruned.json()
    let small = try workshop.ask(
      "evaluate", workshop.place("small"), "--data", workshop.data.path
    ).json()
    let accuracy = try #require(small["accuracy"]?.double)
    #expect(facts["after"]?.object?["accuracy"]?.double == accuracy)
    #expect(accuracy >= (before["accuracy"]?.double ?? 2) - 0.05)
    #expect(
      try #require(facts["parameters_after"]?.integer)
        < #require(facts["parameters_before"]?.integer))
  }

  @Test func `resumes bit for bit, and keeps the best adapter over the break`() throws {
    let workshop = try ClassifierWorkshop()
    let flags = ["--iters", "4000", "--eval-every", "200", "--dropout", "0.1"]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let running = try Lowrank.Running(workshop.training(into: "part") + flags)
    while running.process.isRunning, !(try running.errors().contains("step 200:")) {
      usleep(5_000)
    }
    running.process.interrupt()
    let stopped = try running.finish()
    #expect(stopped.status == 130, "\(stopped.errors)")
    let resumed = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    func weights(_ name: String) throws -> Data {
      try Data(contentsOf: workshop.place(name).appending(path: "adapter_model.safetensors"))
    }
    #expect(try weights("part") == weights("whole"))
    #expect(try resumed.json()["best_step"] == whole.json()["best_step"])
  }

  @Test func `starts from the factors of an adapter with other classes, and says so`() throws {
    let workshop = try ClassifierWorkshop()
    let first = try workshop.trained()
    let two = workshop.place("two.tsv")
    try ClassifierWorkshop.rows(40, seed: 3) { $0 == 2 ? "yes" : "no" }
      .write(to: two, atomically: true, encoding: .utf8)
    let flags = [
      "train", "--task", "classification", "--model", workshop.model.path, "--train-file",
      two.path, "--adapter-path", workshop.place("b").path, "--init-adapter", first.path,
      "--iters", "1", "--learning-rate", "0", "--precision", "f32", "--json",
    ]
    let answer = try Lowrank(flags)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(
      answer.errors.contains("is for another task, or for other classes: its factors are used"))
    func tensors(_ url: URL) throws -> SafetensorsFile {
      try SafetensorsFile(at: url.appending(path: "adapter_model.safetensors"))
    }
    let (old, new) = (try tensors(first), try tensors(workshop.place("b")))
    for tensor in old.tensors where tensor.name.text.contains("lora_") {
      #expect(try new[tensor.name]?.floats() == tensor.floats(), "\(tensor.name)")
    }
    #expect(new["base_model.model.classifier.weight"]?.shape == [2, 16])
  }

  @Test(arguments: [
    ("regression", "score", ["pearson", "spearman", "mse"]),
    ("multilabel", "labels", ["f1_micro", "f1_macro", "subset_accuracy"]),
  ])
  func `is also for numbers and for several labels`(
    task: String, column: String, metrics: [String]
  ) throws {
    let workshop = try ClassifierWorkshop()
    let values =
      task == "regression" ? ["-1", "0.5", "2"] : ["\"cold\"", "", "\"cold\", \"warm\""]
    for (name, count) in [("train.jsonl", 40), ("valid.jsonl", 12)] {
      let lines = (0..<count).map { index in
        let value = task == "regression" ? values[index % 3] : "[\(values[index % 3])]"
        let word = ClassifierWorkshop.classes[index % 3]
        return "{\"text\": \"a \(word) film\", \"\(column)\": \(value)}\n"
      }
      try workshop.write(lines.joined(), to: workshop.root, name)
    }
    let place = workshop.place("a")
    let answer = try Lowrank(
      "train", "--task", task, "--model", workshop.model.path, "--train-file",
      workshop.place("train.jsonl").path, "--valid-file", workshop.place("valid.jsonl").path,
      "--text-column", "text", "--label-column", column, "--adapter-path", place.path, "--iters",
      "80", "--batch-size", "8", "--learning-rate", "0.02", "--precision", "f32", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let judged = try workshop.ask(
      "evaluate", place, "--data", workshop.place("valid.jsonl").path
    ).json()
    for metric in metrics { #expect(judged[metric]?.double != nil, "\(metric)") }
    #expect((judged[metrics[0]]?.double ?? 0) > 0.95)
    let said = try workshop.ask("predict", place, "--text", "a good film").json()
    #expect(
      task == "regression"
        ? abs((said["label"]?.double ?? 0) - 2) < 0.5 : said["label"] == ["cold", "warm"])
  }

  @Test func `says how vectors are pooled unless a flag does`() throws {
    let workshop = try ClassifierWorkshop()
    func embed(_ more: String...) throws -> Lowrank {
      try Lowrank(
        ["embed", "--model", workshop.model.path, "--precision", "f32", "--text", "a good film"]
          + more)
    }
    let (mean, first) = (try embed("--pooling", "mean"), try embed("--pooling", "first"))
    #expect(!mean.errors.contains("a vector is") && mean.output != first.output)
    let plain = try embed()
    #expect(plain.output == mean.output)
    #expect(
      plain.errors.contains(
        "note: a vector is the mean over the tokens of its text; --pooling first takes the first token"
      ), "\(plain.errors)")
    // As sentence-transformers stores it.
    let folder = workshop.model.appending(path: "1_Pooling")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func pooled(_ mode: String) throws -> Lowrank {
      try workshop.write(
        "{\"word_embedding_dimension\": 16, \"pooling_mode_cls_token\": \(mode == "cls"), \"pooling_mode_mean_tokens\": \(mode == "mean"), \"pooling_mode_max_tokens\": \(mode == "max")}",
        to: folder, "config.json")
      return try embed()
    }
    let asked = try pooled("cls")
    #expect(asked.output == first.output)
    #expect(asked.errors.contains("that of the first token, as 1_Pooling/config.json says"))
    #expect(try pooled("mean").output == mean.output)
    let other = try pooled("max")
    #expect(other.status == 2 && other.errors.contains("asks for max_tokens"), "\(other.errors)")
  }

  @Test func `gives vectors of length one`() throws {
    let workshop = try ClassifierWorkshop()
    let answer = try Lowrank(
      "embed", "--model", workshop.model.path, "--precision", "f32", "--text", "a good film",
      "the bad book")
    #expect(answer.status == 0, "\(answer.errors)")
    let lines = answer.output.split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let json = try #require(try JSONValue(parsing: String(line), from: "a line").object)
      let numbers = try #require(json["embedding"]?.array).compactMap(\.double)
      #expect(numbers.count == 16)
      #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
    }
  }
}
