import Foundation
import Yams

extension AxolotlConfiguration {
  /// Writes the files of rows; whether there are any to evaluate on.
  static func data(_ conversion: inout Conversion) -> Bool {
    rows(&conversion, "datasets", as: "train_file")
    let evaluates = conversion.file.has("test_datasets")
    if evaluates { rows(&conversion, "test_datasets", as: "valid_file") }
    if let share = conversion.file.double("val_set_size"), share > 0 {
      conversion.run.note(
        .unsupported, "val_set_size",
        "sets \(share) of the rows aside; here all are trained: put those to evaluate on into a file, valid_file"
      )
    }
    if conversion.file.has("special_tokens") {
      conversion.file.cross(off: "special_tokens")
      conversion.run.note(
        .changed, "special_tokens",
        "are those of the model folder; make sure that they are the same")
    }
    return evaluates
  }

  private static func rows(_ conversion: inout Conversion, _ key: String, as flag: String) {
    guard let sets = conversion.file.files(key), var set = sets.first else {
      if flag == "train_file", !conversion.file.has("pretraining_dataset") {
        conversion.run.note(.unsupported, key, "is missing: give data, or train_file")
      }
      return
    }
    if sets.count > 1 {
      conversion.run.note(
        .unsupported, key,
        "has \(sets.count) sets, of which the first is taken; put the rows into one file")
    }
    let path = set.text("path")
    let files = set.list("data_files") ?? []
    if let place = files.first ?? path {
      conversion.run.set(flag, .text(place))
      if !FileManager.default.fileExists(atPath: place) {
        conversion.run.note(
          .changed, set.label + "path",
          "\(place) is not here; rows are read from .jsonl, .json, .csv, .tsv and .txt files")
      }
      if files.count > 1 {
        conversion.run.note(
          .unsupported, set.label + "data_files", "are \(files.count), of which the first is taken")
      }
    }
    kind(of: &set, in: &conversion)
    conversion.close(set)
  }

  /// What a set's type says of its rows.
  private static func kind(of set: inout ForeignFile, in conversion: inout Conversion) {
    guard set.isText("type") || !set.has("type") else {
      set.cross(off: "type")
      return conversion.run.note(
        .unsupported, set.label + "type",
        "writes prompts of its own; write rows of prompt and completion")
    }
    let type = set.text("type") ?? "alpaca"
    switch type.split(separator: ":").first.map(String.init) ?? type {
    case "completion":
      if set.scope == "datasets.", let column = set.text("field"), column != "text" {
        conversion.run.set("text_column", .text(column))
      }
      set.cross(off: "field")
      conversion.run.note(
        .changed, set.label + "type",
        "cuts long texts into rows; here a row is one text, cut at its end")
    case "alpaca":
      conversion.run.note(
        .unsupported, set.label + "type",
        "is alpaca, whose prompts have a preamble; here the chat template writes them, or nothing is added"
      )
    case "chat_template", "sharegpt", "input_output":
      conversion.run.note(
        .changed, set.label + "type", "is \(type); here a row's own keys say what it is")
    default:
      conversion.run.note(
        .unsupported, set.label + "type",
        "is \(type); write rows of text, or of prompt and completion")
    }
  }
}
