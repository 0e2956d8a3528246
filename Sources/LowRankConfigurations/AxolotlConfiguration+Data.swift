import Foundation
import LowRank
import Yams

extension AxolotlConfiguration {
  /// Writes the files of rows; whether there are any to evaluate on.
  static func data(_ conversion: inout Conversion) -> Bool {
    let hasTests = conversion.file.has("test_datasets")
    rows(&conversion, "datasets", as: "train_file", isAlone: !hasTests)
    if hasTests { rows(&conversion, "test_datasets", as: "valid_file", isAlone: false) }
    let share = validationShare(&conversion, hasTests: hasTests)
    tokens(&conversion)
    return hasTests || share
  }

  /// Writes the share of rows that are set aside to evaluate on; whether there is one.
  private static func validationShare(_ conversion: inout Conversion, hasTests: Bool) -> Bool {
    let key = "val_set_size"
    guard let size = conversion.file.number(key), let value = Double(size), value > 0 else {
      return false
    }
    guard !hasTests else {
      conversion.run.note(
        .changed, key, "axolotl ignores it beside test_datasets, and so does this run")
      return false
    }
    guard value < 1 else {
      conversion.run.note(
        .unsupported, key,
        "is a number of rows, \(size); valid_share is a share of the rows, as 0.05")
      return false
    }
    conversion.run.set("valid_share", .number(size))
    conversion.run.note(
      .changed, key,
      "as many rows are kept for evaluation, but not the same rows: each tool draws its own")
    return true
  }

  /// Tokens that are added to the tokenizer.
  private static func tokens(_ conversion: inout Conversion) {
    if let tokens = conversion.file.list("tokens"), !tokens.isEmpty {
      if tokens.contains(where: { $0.contains(",") }) {
        conversion.run.note(
          .unsupported, "tokens",
          "one of the tokens has a comma, which separates the tokens of add_tokens")
      } else {
        conversion.run.set("add_tokens", .list(tokens))
        conversion.run.note(
          .changed, "tokens",
          "the tokens are added as special tokens; their rows start at the mean of the others and are trained, which axolotl does only if lora_modules_to_save names embeddings and head"
        )
      }
    }
    guard conversion.file.has("special_tokens") else { return }
    conversion.file.cross(off: "special_tokens")
    conversion.run.note(
      .changed, "special_tokens",
      "lowrank uses the special tokens of the model folder; check that they are the same")
  }

  private static func rows(
    _ conversion: inout Conversion, _ key: String, as flag: String, isAlone: Bool
  ) {
    guard let sets = conversion.file.files(key), var set = sets.first else {
      if flag == "train_file", !conversion.file.has("pretraining_dataset") {
        conversion.run.note(.unsupported, key, "is missing: name the rows with data or train_file")
      }
      return
    }
    if sets.count > 1 {
      conversion.run.note(
        .unsupported, key,
        "names \(sets.count) data sets, and only the first is used; put all rows into one file")
    }
    place(of: &set, as: flag, isAlone: isAlone, in: &conversion)
    kind(of: &set, in: &conversion)
    conversion.close(set)
  }

  /// Writes where the rows of a set are: a file, or a data set on the hub.
  private static func place(
    of set: inout ForeignFile, as flag: String, isAlone: Bool, in conversion: inout Conversion
  ) {
    let path = set.text("path")
    let files = set.list("data_files") ?? []
    if files.count > 1 {
      conversion.run.note(
        .unsupported, set.label + "data_files",
        "names \(files.count) files, and only the first is used")
    }
    guard let place = files.first ?? path else { return }
    let isHere = FileManager.default.fileExists(atPath: place)
    guard isAlone, !isHere, files.isEmpty, Conversion.isHubName(place) else {
      conversion.run.set(flag, .text(place))
      return conversion.noteMissing(place, key: set.label + "path")
    }
    let revision = set.text("revision").map { "@\($0)" } ?? ""
    let name = set.text("name").map { ":\($0)" } ?? ""
    conversion.run.set("data", .text(place + revision + name))
    conversion.noteMissing(place, key: set.label + "path")
  }

  /// The steps of an epoch, if the file of rows is here and rows are neither packed nor dropped.
  static func stepsPerEpoch(_ conversion: Conversion) -> Int? {
    guard let path = conversion.run.text(of: "train_file"),
      conversion.run.text(of: "packing") == nil,
      let table = try? DataTable(at: URL(filePath: path))
    else { return nil }
    let share = conversion.run.text(of: "valid_share").flatMap { Double($0) } ?? 0
    let rows = Int((Double(table.rows.count) * (1 - share)).rounded())
    let batch = conversion.run.text(of: "batch_size").flatMap { Int($0) } ?? 1
    let accumulation = conversion.run.text(of: "grad_accumulation").flatMap { Int($0) } ?? 1
    let batches = (rows + batch - 1) / max(batch, 1)
    return rows > 0 ? (batches + accumulation - 1) / max(accumulation, 1) : nil
  }
}
