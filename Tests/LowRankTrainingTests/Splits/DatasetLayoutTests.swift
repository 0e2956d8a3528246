import LowRankTraining
import Testing

/// The expected files are those that `datasets` 5.2 finds, where it finds any; see Oracles/splits_reference.py.
@Suite struct `The splits of a data set` {
  private func layout(
    _ paths: [String], _ configs: [DatasetConfig] = [], _ choice: SplitChoice = SplitChoice()
  ) throws -> DatasetLayout {
    try DatasetLayout(of: paths, configs: configs, choice: choice, at: "o/n")
  }

  private func choosing(_ role: SplitRole, _ split: String) -> SplitChoice {
    var choice = SplitChoice()
    choice.splits[role] = split
    return choice
  }

  @Test(arguments: [
    (
      ["data/train-00001-of-00002.csv", "data/train-00000-of-00002-9ab.csv", "README.md"],
      ["data/train-00000-of-00002-9ab.csv", "data/train-00001-of-00002.csv"]
    ),
    (["train/b.jsonl", "train/a.jsonl", "x/c.jsonl"], ["train/a.jsonl", "train/b.jsonl"]),
    (["data/train/a/b.csv", "data/train/c.csv"], ["data/train/a/b.csv", "data/train/c.csv"]),
    (
      ["train-10.csv", "train-2.csv", "train-1.csv"],
      ["train-1.csv", "train-2.csv", "train-10.csv"]
    ),
    (["gsm8k_train.jsonl", "gsm8k_test.jsonl"], ["gsm8k_train.jsonl"]),
    (["dolly-15k.jsonl", "dataset_infos.json"], ["dolly-15k.jsonl"]),
    (["train.csv", "train-2.csv"], ["train.csv"]),
    (["en/train.csv", "en/test.csv"], ["en/train.csv"]),
  ])
  func `are found by the names of files and folders`(paths: [String], expected: [String]) throws {
    #expect(try layout(paths).paths[.train] == expected)
  }

  @Test func `are found for all roles, and others are named`() throws {
    let found = try layout([
      "data/train_sft-00000-of-00001.csv", "data/test_sft-00000-of-00001.csv",
      "data/train_gen-00000-of-00001.csv", "val/a.csv",
    ])
    #expect(found.paths[.train] == ["data/train_sft-00000-of-00001.csv"])
    #expect(found.paths[.test] == ["data/test_sft-00000-of-00001.csv"])
    #expect(found.paths[.valid] == ["val/a.csv"])
    #expect(found.unusedFiles == ["data/train_gen-00000-of-00001.csv"])
    #expect(try layout(["rows.csv"]).remarks == ["rows.csv is read as the rows to train on"])
    #expect(
      try layout(["en/train.csv"]).remarks == ["the rows are those of the folder en"])
  }

  @Test func `may be chosen by name`() throws {
    let paths = ["data/a-00000-of-00001.csv", "data/b-00000-of-00001.csv"]
    var choice = choosing(.train, "b")
    #expect(try layout(paths, [], choice).paths == [.train: [paths[1]]])
    choice.splits[.valid] = "a"
    #expect(try layout(paths, [], choice).paths[.valid] == [paths[0]])
    // What is chosen for one role serves no other.
    let twice = try layout(["train.csv", "valid.csv", "dev-1.csv"], [], choosing(.train, "valid"))
    #expect(twice.paths[.train] == ["valid.csv"] && twice.paths[.valid] == ["dev-1.csv"])
  }

  @Test(arguments: [
    (
      ["data/train-00000-of-00003.csv", "data/train-00002-of-00003.csv"],
      "the split \"train\" should have 3 files, but file 1 (counted from 0) is missing"
    ),
    (
      ["data/a-00000-of-00001.csv", "data/b-00000-of-00001.csv"],
      "no split is called train; the splits are a, b; name the one to train on with train_split"
    ),
    (
      ["en/train.csv", "de/train.csv"],
      "there are several configurations, de, en; name one as o/n:de"
    ),
    (
      ["train-big.csv", "train-small.csv"],
      """
      train-big.csv and train-small.csv serve the same purpose; keep one of them, or name the one to read with train_file
      """
    ),
    (
      ["gsm8k.py", "README.md"],
      """
      gsm8k.py makes the rows, and scripts are not run; the hub's own conversion may be at the revision \
      @refs/convert/parquet
      """
    ),
  ])
  func `are refused where they are incomplete or ambiguous`(paths: [String], expected: String) {
    #expect(message { try layout(paths) } == "o/n: \(expected)")
  }

  @Test func `are refused under names that are not there`() {
    let paths = ["data/first-00000-of-00001.csv"]
    #expect(
      message { try layout(paths, [], choosing(.train, "frist")) }
        == "o/n: there is no split \"frist\"; the splits are first; is \"first\" meant?")
    #expect(
      message { try layout(["en/train.csv"], [], SplitChoice(config: "eng")) }
        == "o/n: there is no configuration \"eng\"; the configurations are en; is \"en\" meant?")
  }

  private let paths = [
    "main/train-00000-of-00001.csv", "main/test.csv", "soc/a/b.csv", "soc/.x.csv", "soc/README.txt",
  ]
  private let configs = [
    DatasetConfig(
      "main",
      splits: [
        .init("train", patterns: ["main/train-*"]), .init("test", patterns: ["./main/t?st.csv"]),
      ]),
    DatasetConfig("soc", splits: [.init("train", patterns: ["soc/**"])]),
  ]

  @Test func `are those that the card declares`() throws {
    #expect(
      message { try layout(paths, configs) }
        == "o/n: there are several configurations, main, soc; name one as o/n:main")
    let main = try layout(paths, configs, SplitChoice(config: "main"))
    #expect(main.paths == [.train: [paths[0]], .test: [paths[1]]])
    let soc = try layout(paths, configs, SplitChoice(config: "soc"))
    #expect(soc.paths == [.train: ["soc/a/b.csv"]])
    let usual =
      configs + [
        DatasetConfig(
          "x", isDefault: true, folder: "main", splits: [.init("a", patterns: ["*.csv"])])
      ]
    let chosen = try layout(paths, usual, choosing(.train, "a"))
    #expect(chosen.paths[.train] == ["main/test.csv", "main/train-00000-of-00001.csv"])
    let folder = try layout(paths, [DatasetConfig("y", folder: "main")])
    #expect(folder.paths == [.train: [paths[0]], .test: [paths[1]]])
    let wrong = [DatasetConfig("d", splits: [.init("train", patterns: ["*.pdf"])])]
    #expect(
      message { try layout(paths, wrong) } == "o/n: the split \"train\" has no files")
  }

  @Test func `that the card declares and nothing reads are named`() throws {
    let config = DatasetConfig(
      "default",
      splits: [
        .init("train", patterns: ["main/train-*"]), .init("matched", patterns: ["main/test.csv"]),
      ])
    #expect(try layout(paths, [config]).unusedSplits == ["matched"])
  }
}
