import Foundation
import LowRank
import Testing

/// Copies a file that pyarrow or Python wrote into a folder.
private func copy(_ name: String, to folder: URL, as other: String) throws {
  let resources = try #require(Bundle.module.resourceURL)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try FileManager.default.copyItem(
    at: resources.appending(path: "Fixtures/parquet").appending(path: name),
    to: folder.appending(path: other))
}

@Suite("Parquet and compressed files in runs") struct ParquetRunTests {
  @Test("Conversations of a Parquet file are trained as those of JSON lines")
  func conversations() throws {
    let workshop = try Workshop()
    let lines = try workshop.conversations()
    let columns = workshop.place("columns")
    try copy("chat.parquet", to: columns, as: "train.parquet")
    func loss(_ data: URL, _ adapter: String) throws -> Double {
      let answer = try Lowrank(
        "train", "--model", workshop.model.path, "--data", data.path, "--adapter-path",
        workshop.place(adapter).path, "--rank", "4", "--batch-size", "2", "--iters", "5",
        "--precision", "f32", "--json")
      #expect(answer.status == 0, "\(answer.errors)")
      return try #require(try answer.json()["train_loss"]?.double, "\(answer.output)")
    }
    #expect(try loss(columns, "a") == loss(lines, "b"))
  }

  @Test(
    "A classifier is trained on numbered classes by their names, and judged on compressed files")
  func classifier() throws {
    let workshop = try ClassifierWorkshop()
    let data = workshop.place("columns")
    try copy("sentiment.parquet", to: data, as: "train.parquet")
    try copy("valid.tsv.gz", to: data, as: "valid.tsv.gz")
    try copy("test.jsonl.zst", to: data, as: "test.jsonl.zst")
    let adapter = workshop.place("a")
    let answer = try Lowrank(
      "train", "--task", "classification", "--model", workshop.model.path, "--data", data.path,
      "--adapter-path", adapter.path, "--rank", "2", "--batch-size", "8", "--learning-rate", "0.02",
      "--precision", "f32", "--iters", "60", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("columns: sentence → label; 3 classes"), "\(answer.errors)")
    let judged = try workshop.ask("evaluate", adapter, "--data", data.path).json()
    #expect(try #require(judged["accuracy"]?.double) > 0.9)
    let said = try workshop.ask(
      "predict", adapter, "--data", data.appending(path: "test.jsonl.zst").path, "--output",
      workshop.place("said.jsonl").path)
    #expect(said.status == 0, "\(said.errors)")
    let rows = try DataTable(at: workshop.place("said.jsonl")).rows
    #expect(rows.count == 24)
    #expect(Set(rows.compactMap { $0.fields["label"]?.string }) == ["bad", "fine", "good"])
  }

  @Test("A compressed list of texts is predicted line by line, as one that is not")
  func texts() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    try copy("test.jsonl.zst", to: workshop.root, as: "lines.txt.zst")
    let said = try workshop.ask(
      "predict", adapter, "--data", workshop.place("lines.txt.zst").path, "--output",
      workshop.place("said.jsonl").path)
    #expect(said.status == 0, "\(said.errors)")
    #expect(try DataTable(at: workshop.place("said.jsonl")).rows.count == 24)
  }

  @Test("A file that is cut off stops a run with one sentence")
  func truncated() throws {
    let workshop = try ClassifierWorkshop()
    let resources = try #require(Bundle.module.resourceURL)
    for name in ["sentiment.parquet", "valid.tsv.gz"] {
      let whole = try Data(
        contentsOf: resources.appending(path: "Fixtures/parquet").appending(path: name))
      let data = workshop.place(name)
      try whole.dropLast(9).write(to: data)
      let answer = try Lowrank(
        "train", "--task", "classification", "--model", workshop.model.path, "--data", data.path,
        "--adapter-path", workshop.place("a").path, "--json")
      #expect(answer.status == 1)
      #expect(
        answer.errors.contains("download") && answer.errors.contains(name), "\(answer.errors)")
      #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
    }
  }
}
