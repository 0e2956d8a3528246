import Foundation
import LowRank
import Testing

@Suite struct `A classifier of images` {
  private func factors(_ folder: URL) throws -> [Float] {
    try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors")).tensors
      .flatMap { try $0.floats() }
  }

  @Test func `is pre-trained on some classes and adapted to others`() throws {
    let workshop = try ImageWorkshop()
    let pretrained = try Lowrank(
      "pretrain", "--task", "image-classification", "--config", workshop.place("config.json").path,
      "--data", workshop.place("old").path, "--output", workshop.place("base").path,
      "--batch-size", "8", "--learning-rate", "0.01", "--iters", "60", "--precision", "f32",
      "--json")
    #expect(pretrained.status == 0, "\(pretrained.errors)")
    #expect(try pretrained.json()["valid_accuracy"]?.double ?? 0 > 0.9)
    let config = try JSONFile(at: workshop.place("base").appending(path: "config.json"))
    #expect(config["architectures"] == ["ViTForImageClassification"])
    #expect(config["id2label"]?.object?["0"] == "bottom")
    let processor = try ImageProcessor(inModelFolder: workshop.place("base"))
    #expect(processor == ImageProcessor(size: .init(width: 12, height: 12)))

    // The model as it is, on its own classes.
    let own = try Lowrank(
      "evaluate", "--model", workshop.place("base").path, "--data",
      workshop.place("old/valid").path, "--precision", "f32", "--json")
    #expect(own.status == 0, "\(own.errors)")
    let accuracy = try own.json()["accuracy"]?.double
    #expect(try accuracy == pretrained.json()["valid_accuracy"]?.double)
    #expect(try own.json()["task"] == "image-classification")

    let flags = ["--model", workshop.place("base").path, "--iters", "60", "--eval-every", "20"]
    let trained = try Lowrank(workshop.training(into: "a") + flags)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.contains("its output layer is reinitialized"), "\(trained.errors)")
    #expect(try trained.json()["valid_accuracy"]?.double ?? 0 > 0.9)
    let stored = try AdapterFolder(at: workshop.place("a"))
    #expect(stored.config["modules_to_save"] == ["classifier"])
    #expect(stored.task?["task"] == "image-classification")
    #expect(stored.task?["id2label"]?.object?["1"] == "top")
  }

  @Test func `is compared with others in an experiment`() throws {
    let workshop = try ImageWorkshop()
    let plan = workshop.place("plan.yaml")
    try """
    base: {model: \(workshop.model.path), data: \(workshop.place("new").path),
      task: image-classification, batch_size: 8, precision: f32, no_store: true}
    vary: {rank: [1, 2], learning_rate: [1e-2], seed: [0, 1]}
    budget: {steps: 3}
    held_out: \(workshop.place("new/valid").path)
    """.write(to: plan, atomically: true, encoding: .utf8)
    let answer = try Lowrank(
      "experiment", plan.path, "--output", workshop.place("e").path, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let runs = try #require(try answer.json()["runs"]?.array?.compactMap(\.object))
    #expect(runs.count == 4)
    #expect(runs.allSatisfy { $0["test_loss"]?.double != nil })
  }

  @Test func `says of images what they are, in a folder, alone or in a table`() throws {
    let workshop = try ImageWorkshop()
    let adapter = try workshop.trained()
    let folder = try workshop.ask(
      "predict", "--adapter", adapter.path, "--data", workshop.place("new/valid").path)
    #expect(folder.status == 0, "\(folder.errors)")
    let rows = try folder.output.split(separator: "\n").map {
      try #require(try JSONValue(parsing: String($0), from: "a line").object)
    }
    #expect(rows.count == 12)
    let right = try rows.count {
      try #require($0["file_name"]?.string).hasPrefix(try #require($0["label"]?.string))
    }
    #expect(right >= 11)
    // Of a folder of splits, the one that is read is named, as `evaluate` does.
    let splits = try workshop.ask(
      "predict", "--adapter", adapter.path, "--data", workshop.place("new").path)
    #expect(splits.output == folder.output, "\(splits.errors)")
    for answer in [folder, splits] {
      #expect(answer.errors.contains("/new/valid: 12 rows, "), "\(answer.errors)")
    }
    try workshop.put(
      Array("image,note\ntop/0.png,x\nright/3.png,y\n".utf8), at: "new/valid/own.csv")
    let table = try workshop.ask(
      "predict", "--adapter", adapter.path, "--data", workshop.place("new/valid/own.csv").path,
      "--text-column", "image", "--output", workshop.place("said.csv").path)
    #expect(table.status == 0, "\(table.errors)")
    let said = try DataTable(at: workshop.place("said.csv")).rows.map(\.fields)
    #expect(said.map { $0["note"]?.string } == ["x", "y"])
    for (line, name) in zip(said, ["top/0.png", "right/3.png"]) {
      let whole = try #require(rows.first { $0["file_name"]?.string == name })
      #expect(line["label"] == whole["label"])
    }
    let one = try workshop.ask(
      "predict", "--adapter", adapter.path, "--data", workshop.place("new/valid/top/0.png").path,
      "--top-k", "1")
    #expect(one.status == 0, "\(one.errors)")
    #expect(try one.json()["label"] == rows.first { $0["file_name"] == "top/0.png" }?["label"])
  }

  @Test func `is compressed with its accuracy, and merged`() throws {
    let workshop = try ImageWorkshop(model: "deit")
    let adapter = try workshop.trained()
    let data = ["--data", workshop.place("new").path]
    func compress(_ name: String, _ policy: String...) throws -> JSONObject {
      let answer = try Lowrank(
        ["compress", adapter.path, "--model", workshop.model.path, "--verify"] + data + policy
          + ["--output", workshop.place(name).path, "--precision", "f32", "--json"])
      #expect(answer.status == 0, "\(answer.errors)")
      return try answer.json()
    }
    // Within the loss, and so far cut that the loss has to change.
    for (name, policy, share) in [
      ("small", "--max-loss-increase", "1%"), ("tiny", "--keep", "0.25"),
    ] {
      let json = try compress(name, policy, share)
      let rows = try #require(json["rows"]?.integer)
      #expect(rows == 12)
      // What was measured is what an evaluation of either adapter has on the same images.
      for (key, place) in [("before", "a"), ("after", name)] {
        let answer = try workshop.ask(
          "evaluate", "--adapter", workshop.place(place).path, "--data", workshop.place("new").path)
        #expect(answer.status == 0, "\(answer.errors)")
        let measured = try answer.json()
        let accuracy = try #require(json[key]?.object?["accuracy"]?.double, "\(name), \(key)")
        let loss = try #require(json["loss_\(key)"]?.double, "\(name), \(key)")
        #expect(measured["rows"]?.integer == rows)
        #expect(abs(accuracy - (try #require(measured["accuracy"]?.double))) < 1e-9)
        #expect(abs(loss - (try #require(measured["loss"]?.double))) < 1e-5)
        // A whole number of images is right.
        #expect(abs((12 * accuracy).rounded() - 12 * accuracy) < 1e-9, "\(name), \(key)")
        if key == "before" { #expect(accuracy > 0.9) }
      }
      let losses = try ["before", "after"].map { try #require(json["loss_\($0)"]?.double) }
      if name == "small" {
        #expect(losses[1] <= losses[0] * 1.0101)
      } else {
        #expect(abs(losses[1] - losses[0]) > 1e-4)
      }
    }

    let merged = try workshop.ask(
      "merge", "--adapter", adapter.path, "--output", workshop.place("merged").path)
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(try merged.json()["samples"] == "random images")
    let with = try workshop.ask(
      "evaluate", "--adapter", adapter.path, "--data", workshop.place("new").path)
    let without = try Lowrank(
      [
        "evaluate", "--model", workshop.place("merged").path, "--precision", "f32", "--json",
      ] + data)
    #expect(without.status == 0, "\(without.errors)")
    let values = try [with, without].map { try #require($0.json()["loss"]?.double) }
    #expect(abs(values[0] - values[1]) < 1e-5)
    let inspected = try Lowrank("inspect", workshop.place("merged").path, "--json").json()
    #expect(inspected["architecture"] == "DeiTForImageClassification")
    #expect(inspected["image_size"] == [12, 12] && inspected["patch_size"] == [4, 4])
    #expect(inspected["positions"] == 11 && inspected["vocabulary"] == nil)
  }

  @Test func `goes on where it stopped, with the same bits`() throws {
    let workshop = try ImageWorkshop()
    let flags = [
      "--iters", "12", "--save-every", "5", "--eval-every", "5", "--dropout", "0.1", "--target",
      "all-linear", "--base-dropout", "0.1",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    try FileManager.default.copyItem(at: workshop.place("whole"), to: workshop.place("part"))
    let history = StateHistory(inAdapter: workshop.place("part"))
    #expect(history.steps.first == 12)
    try FileManager.default.removeItem(at: history.place(of: 12))
    let resumed = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("after step 10 of 12"))
    #expect(try factors(workshop.place("part")) == factors(workshop.place("whole")))

    let image = workshop.place("new/train/top/0.png")
    try FileManager.default.removeItem(at: image)
    try FileManager.default.copyItem(at: workshop.place("new/train/top/1.png"), to: image)
    let other = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(
      other.status == 2 && other.errors.contains("the rows to train on are not those"),
      "\(other.errors)")
  }

  @Test(.enabled(if: Mpirun.isThere, "needs Open MPI, and make mpi"))
  func `is trained by two processes as by one`() throws {
    let workshop = try ImageWorkshop()
    let flags = [
      "--iters", "20", "--eval-every", "10", "--dropout", "0.1", "--base-dropout", "0.1",
      "--batch-size", "7", "--target", "all-linear",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let parts = try Lowrank(
      workshop.training(into: "parts") + flags, launcher: Mpirun.launching(2))
    #expect(parts.status == 0, "\(parts.errors)")
    func losses(_ name: String) throws -> [Double] {
      try DataTable(at: workshop.place(name).appending(path: "state/metrics.jsonl")).rows
        .flatMap {
          [$0.fields["loss"]?.double, $0.fields["valid_loss"]?.double].compactMap(\.self)
        }
    }
    let (a, b) = (try losses("whole"), try losses("parts"))
    #expect(a.count == b.count && a.count > 20)
    #expect(zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } < 1e-5)
    let (x, y) = (try factors(workshop.place("whole")), try factors(workshop.place("parts")))
    let error = zip(x, y).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    let size = x.reduce(0) { $0 + Double($1 * $1) }
    #expect(size > 0 && (error / size).squareRoot() < 1e-4)
  }

  @Test func `is checked before it is trained`() throws {
    let workshop = try ImageWorkshop()
    try FileManager.default.copyItem(
      at: workshop.place("new/train/top/1.png"), to: workshop.place("new/valid/top/again.png"))
    func check() throws -> Lowrank {
      try Lowrank(
        "data", "check", "--model", workshop.model.path, "--data", workshop.place("new").path,
        "--task", "image-classification", "--json")
    }
    let good = try check()
    #expect(good.status == 0, "\(good.errors)")
    let files = try #require(good.json()["files"]?.array).compactMap(\.object)
    #expect(files.map { $0["rows"]?.integer } == [24, 13])
    #expect(
      try #require(good.json()["warnings"]?.array).compactMap(\.string).contains {
        $0.contains("1 row is in") && $0.contains("too")
      })
    try workshop.put(Array("no image".utf8), at: "new/train/right/broken.png")
    try workshop.put(Array("no image".utf8), at: "new/train/right/other.png")
    let broken = try check()
    #expect(broken.status == 1)
    #expect(
      try #require(broken.json()["errors"]?.array).compactMap(\.string).contains {
        $0.contains("right/broken.png: the file is neither a PNG nor a JPEG image (and 1 row more)")
      }, "\(broken.output)")
  }
}
