import Foundation
import LowRank
import LowRankTestHub
import Testing

/// Runs on a data set of images that `datasets` wrote: nine of them, of three classes.
@Suite struct `Images in Parquet files, in runs` {
  private static let files = [
    "train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "test-00000-of-00001.parquet",
  ]
  private static let source = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "LowRankTrainingTests/Fixtures/images/parquet/data")

  private func workshop() throws -> ImageWorkshop {
    let workshop = try ImageWorkshop()
    for name in Self.files {
      try workshop.put(
        Array(try Data(contentsOf: Self.source.appending(path: name))), at: "hub/data/\(name)")
    }
    return workshop
  }

  @Test func `are trained on, evaluated, predicted and checked`() throws {
    let workshop = try workshop()
    let trained = try Lowrank(workshop.training(into: "a", on: "hub", "--iters", "4"))
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.contains("columns: img → label; 3 classes"), "\(trained.errors)")
    let adapter = workshop.place("a").path
    let task = try #require(try AdapterFolder(at: workshop.place("a")).task)
    #expect(task["id2label"]?.object?["2"] == "dusk" && task["text_columns"] == ["img"])

    let evaluated = try workshop.ask(
      "evaluate", "--adapter", adapter, "--data", workshop.place("hub").path)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(try evaluated.json()["rows"]?.integer == 2)
    let predicted = try workshop.ask(
      "predict", "--adapter", adapter, "--data",
      workshop.place("hub/data/\(Self.files[0])").path)
    #expect(predicted.status == 0, "\(predicted.errors)")
    let rows = try predicted.output.split(separator: "\n").map {
      try #require(try JSONValue(parsing: String($0), from: "a line").object)
    }
    #expect(rows.map { $0["img"] } == ["", "trai-1.png", "trai-2.png", "trai-3.png"])
    #expect(rows.allSatisfy { $0["input_label"]?.integer != nil && $0["label"]?.string != nil })

    let checked = try Lowrank(
      "data", "check", "--model", workshop.model.path, "--data", workshop.place("hub").path,
      "--task", "image-classification", "--json")
    #expect(checked.status == 0, "\(checked.errors)")
    let files = try #require(checked.json()["files"]?.array).compactMap(\.object)
    #expect(files.map { $0["rows"]?.integer } == [7, 2])

    // Another adapter's columns have other names.
    let other = try workshop.trained("b")
    let judged = try workshop.ask(
      "predict", "--adapter", other.path, "--data", workshop.place("hub/data").path)
    #expect(judged.status == 0, "\(judged.errors)")
  }

  @Test func `go on where a run stopped, with the same bits`() throws {
    let workshop = try workshop()
    let flags = ["--iters", "6", "--save-every", "3", "--batch-size", "3"]
    let whole = try Lowrank(workshop.training(into: "whole", on: "hub") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    try FileManager.default.copyItem(at: workshop.place("whole"), to: workshop.place("part"))
    let history = StateHistory(inAdapter: workshop.place("part"))
    try FileManager.default.removeItem(at: history.place(of: 6))
    let resumed = try Lowrank(workshop.training(into: "part", on: "hub") + flags + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    let name = "adapter_model.safetensors"
    let numbers = try ["whole", "part"].map {
      try SafetensorsFile(at: workshop.place($0).appending(path: name)).tensors
        .flatMap { try $0.floats() }
    }
    #expect(numbers[0] == numbers[1])
  }

  @Test func `are read from the hub by the name of the data set`() async throws {
    let workshop = try workshop()
    try await TestHub.run { hub in
      hub.add(
        "datasets/owner/skies",
        files: Dictionary(
          uniqueKeysWithValues: try Self.files.map {
            ("data/\($0)", try Data(contentsOf: Self.source.appending(path: $0)))
          }))
      hub.add("datasets/owner/photos", files: ["train.csv": Data("file_name,label\n".utf8)])
      let environment = [
        "HF_ENDPOINT": hub.url, "HF_HOME": workshop.place("home").path, "HF_HUB_OFFLINE": "0",
      ]
      func train(_ name: String) async throws -> Lowrank {
        let folder = name.replacing("/", with: "-")
        let arguments = workshop.training(into: folder, on: "hub", "--iters", "2")
          .map { $0 == workshop.place("hub").path ? name : $0 }
        return try await HubBeside.lowrank(arguments, environment)
      }
      let trained = try await train("owner/skies")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.errors.contains("owner/skies is read at commit"), "\(trained.errors)")
      let tables = try await train("owner/photos")
      #expect(
        tables.status == 1
          && tables.errors.contains(
            "owner/photos: images on the hub are read from Parquet files, which hold them, and the rows are in train.csv"
          ), "\(tables.errors)")
    }
  }

  @Test func `are named by file, row and column where they are damaged`() throws {
    let workshop = try workshop()
    let place = "hub/data/\(Self.files[1])"
    var bytes = Array(try Data(contentsOf: workshop.place(place)))
    let start = try #require(bytes.firstIndex(of: 0x89))
    bytes[start + 1] = 0
    try workshop.put(bytes, at: place)
    let answer = try Lowrank(workshop.training(into: "a", on: "hub", "--iters", "2"))
    #expect(answer.status == 1, "\(answer.errors)")
    #expect(
      answer.errors.contains(
        "\(Self.files[1]), row 1, column \"img\": the value is neither a PNG nor a JPEG image"),
      "\(answer.errors)")
  }
}
