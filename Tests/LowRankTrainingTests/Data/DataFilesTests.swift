import Foundation
import LowRankTraining
import Testing

@Suite struct `A data folder` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var here: URL { URL(filePath: ".", relativeTo: folder.url) }

  @Test(arguments: ["valid", "validation", "val", "dev", "eval"])
  func `holds files for training, evaluation and the test`(valid: String) throws {
    for name in ["train.csv", "\(valid).jsonl", "test.txt", "train.md"] {
      _ = try folder.file(name, "")
    }
    let files = try DataFiles(at: folder.url)
    let names = [files.train, files.valid, files.test].map { $0?.files[0].lastPathComponent }
    #expect(names == ["train.csv", "\(valid).jsonl", "test.txt"])
  }

  @Test func `says which files of rows it does not use`() throws {
    for name in [
      "train.csv", "valid.jsonl", "test.txt", "more.jsonl", "train-2.parquet", "Train.CSV",
      "x.jsonl.gz",
      "README.txt", "dataset_infos.json", "notes.md", ".hidden.csv",
    ] { _ = try folder.file(name, "") }
    let unused = ["Train.CSV", "more.jsonl", "train-2.parquet", "x.jsonl.gz"]
    let files = try DataFiles(at: folder.url)
    #expect(files.unused == unused)
    #expect(
      files.warning?.hasSuffix(
        """
        : Train.CSV, more.jsonl, train-2.parquet, x.jsonl.gz are not used; the files of a data folder are called train, \
        valid (validation, val, dev, eval) and test
        """) == true, "\(files.warning ?? "")")
  }

  @Test func `needs no more than a file for training`() throws {
    _ = try folder.file("train.tsv", "")
    let files = try DataFiles(at: folder.url)
    #expect(files.valid == nil)
    #expect(files.test == nil)
    #expect(files.warning == nil)
  }

  @Test func `may be a single file`() throws {
    let url = try folder.file("rows.tsv", "")
    #expect(try DataFiles(at: url) == DataFiles(train: url))
  }

  @Test func `without a file for training is refused`() throws {
    _ = try folder.file("test.jsonl", "")
    let text = message { try DataFiles(at: folder.url) }
    #expect(
      text.hasSuffix(
        ": no split is called train; the splits are test; name the one to train on with train_split"
      ))
    for name in ["rows.csv", "other.csv"] { _ = try folder.file(name, "") }
    #expect(
      message { try DataFiles(at: folder.url) }.hasSuffix(
        """
        : expected a file called train, such as train.jsonl or train.csv; the folder has other.csv, rows.csv, test.jsonl: \
        name the one to train on with train_file
        """))
  }

  @Test(arguments: [
    ["valid.csv", "dev.csv"], ["validation.jsonl", "val.jsonl"], ["dev.tsv", "eval.json"],
    ["valid.jsonl", "valid.json"], ["test.json", "test.csv"],
  ])
  func `with two files for one purpose is refused`(names: [String]) throws {
    let role: SplitRole = names[0].hasPrefix("test") ? .test : .valid
    for name in ["train.csv"] + names { _ = try folder.file(name, "") }
    let text = message { try DataFiles(at: folder.url) }
    #expect(
      text.hasSuffix(
        """
        : \(names.sorted()[0]) and \(names.sorted()[1]) serve the same purpose; keep one of them, or name the one to read \
        with \(role.rawValue)_file
        """), "\(text)")
    // The remedy works.
    var choice = SplitChoice()
    choice.files[role] = folder.url.appending(path: names[1]).path
    let files = try DataFiles(at: folder.url, choice: choice)
    #expect(files.roles[role]?.files[0].lastPathComponent == names[1])
    #expect(files.unused == [])
  }

  @Test func `that is absent is refused`() {
    let url = URL(filePath: "nowhere", relativeTo: folder.url)
    #expect(message { try DataFiles(at: url) } == "nowhere: there is no such file or folder")
  }
}
