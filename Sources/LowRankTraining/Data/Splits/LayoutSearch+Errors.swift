import LowRankCheckpoints
import LowRankKeys

extension LayoutSearch {
  private var splitNames: [String] {
    var names: [String] = []
    for name in groups.filter(\.isNamed).map(\.name) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  func noSplit(_ name: String, for role: SplitRole) -> DataError {
    DataError(
      place,
      "there is no split \"\(name)\"" + listed("the splits are", splitNames)
        + hint(name, splitNames))
  }

  func nothingToTrain(others: [String]) -> DataError {
    let names = splitNames
    guard names.isEmpty || !groups.allSatisfy(\.isNamed) else {
      return DataError(
        place,
        "no split is called train\(listed("the splits are", names)); name the one to train on with \(setting: "train_split")"
      )
    }
    let files = (groups.flatMap(\.paths) + others).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let script = paths.first { $0.hasSuffix(".py") && !$0.contains("/") }
    if files.isEmpty, let script {
      return DataError(
        place,
        """
        \(script) makes the rows, and scripts are not run; the hub's own conversion may be at the revision \
        @refs/convert/parquet
        """)
    }
    return DataError(
      place,
      "expected a file called train, such as train.jsonl or train.csv"
        + (files.isEmpty
          ? ""
          : "; the folder has \(DatasetLayout.listed(files)): name the one to train on with \(setting: "train_file")")
    )
  }

  func noConfig(_ name: String, among names: [String]) -> DataError {
    DataError(
      place,
      "there is no configuration \"\(name)\"" + listed("the configurations are", names)
        + hint(name, names))
  }

  func severalConfigs(_ names: [String]) -> DataError {
    DataError(
      place,
      """
      there are several configurations, \(DatasetLayout.listed(names, most: 20)); name one as \(place):\(names[0])
      """)
  }

  private func listed(_ words: String, _ names: [String]) -> String {
    names.isEmpty ? "" : "; \(words) \(DatasetLayout.listed(names, most: 20))"
  }

  private func hint(_ name: String, _ names: [String]) -> String {
    nearestName(to: name, among: names).map { "; is \"\($0)\" meant?" } ?? ""
  }
}
