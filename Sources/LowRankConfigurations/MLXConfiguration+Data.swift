import Foundation
import LowRank

extension MLXConfiguration {
  /// The names of columns, by the tool's key and the name that it takes without it.
  private static let features = [
    (theirs: "prompt_feature", usual: "prompt", ours: "prompt_column"),
    (theirs: "completion_feature", usual: "completion", ours: "completion_column"),
    (theirs: "text_feature", usual: "text", ours: "text_column"),
  ]

  /// Writes where rows are, which columns they have, and which tokens of them are trained.
  static func data(_ conversion: inout Conversion) {
    let hub = conversion.file.text("hf_dataset.path")
    let data = conversion.file.text("data")
    if hub != nil, data != nil {
      conversion.run.note(.changed, "data", "mlx-lm ignores it beside hf_dataset")
    }
    if let path = hub ?? data {
      conversion.run.set("data", .text(path))
      conversion.noteMissing(path, key: hub == nil ? "data" : "hf_dataset.path")
    } else if conversion.file.has("hf_dataset") {
      conversion.run.note(
        .unsupported, "hf_dataset", "has no path, or several sets; put the rows into one folder")
      if !conversion.file.has("hf_dataset.path") { conversion.file.cross(off: "hf_dataset") }
    } else {
      conversion.run.note(
        .unsupported, "data", "is missing: give a folder, a file, or a name on the hub")
    }
    let own = hub == nil ? "" : "hf_dataset."
    splits(&conversion)
    columns(&conversion, own)
    trainedTokens(&conversion, of: hub ?? data)
  }

  /// The parts of a data set on the hub, which are found by their names here.
  private static func splits(_ conversion: inout Conversion) {
    if conversion.file.has("hf_dataset.path"), !conversion.file.has("hf_dataset.train_split") {
      conversion.run.note(
        .changed, "hf_dataset",
        "without train_split, mlx-lm trains on 80 % of the rows and evaluates on 10 %; lowrank trains on the whole split train"
      )
    }
    for (key, usual) in [
      ("train_split", "train"), ("valid_split", "valid"), ("test_split", "test"),
    ] {
      let key = "hf_dataset." + key
      guard let split = conversion.file.text(key) else { continue }
      let usuals = usual == "valid" ? ["valid", "validation"] : [usual]
      if split.contains("[") {
        conversion.run.note(.unsupported, key, "is \(split); lowrank reads whole splits")
      } else if !usuals.contains(split) {
        conversion.run.set("\(usual)_split", .text(split))
      }
    }
  }

  /// Columns by their names; mlx-lm looks for a pair first, then for a conversation, then for a text.
  private static func columns(_ conversion: inout Conversion, _ own: String) {
    var found: [(key: String, ours: String, name: String)] = []
    for feature in features {
      guard let name = conversion.file.text(own + feature.theirs), name != feature.usual else {
        continue
      }
      found.append((own + feature.theirs, feature.ours, name))
    }
    let chat = own + "chat_feature"
    if let name = conversion.file.text(chat), name != "messages" {
      found.append((chat, "text_column", name))
    }
    for key in features.map(\.theirs) + ["chat_feature"]
    where !own.isEmpty && conversion.file.has(key) {
      conversion.file.cross(off: key)
      conversion.run.note(.inert, key, "mlx-lm reads the columns that hf_dataset names")
    }
    let isPair = found.contains { $0.ours != "text_column" }
    for (index, column) in found.enumerated() {
      let isSecond =
        column.ours == "text_column"
        && (isPair || found[index...].dropFirst().contains { $0.ours == "text_column" })
      if isSecond {
        conversion.run.note(
          .changed, column.key, "mlx-lm reads it only from rows without the other columns")
      } else {
        conversion.run.set(column.ours, .text(column.name))
      }
    }
  }

  /// What mlx-lm trains of a row: all of it, or with `mask_prompt` its completion or its last answer.
  private static func trainedTokens(
    _ conversion: inout Conversion, of path: String?
  ) {
    let key = "mask_prompt"
    let prompt =
      conversion.file.text("hf_dataset.prompt_feature") ?? conversion.file.text("prompt_feature")
    let kind = RowKind(ofFirstRowIn: path, prompt: prompt ?? "prompt")
    guard conversion.file.flag(key) == true else {
      if kind != .text {
        conversion.run.set("train_on", .text("all"), remark: "as mlx-lm does without mask_prompt")
      }
      return
    }
    switch kind {
    case .conversation:
      conversion.run.set("train_on", .text("last"), remark: "as mask_prompt has it")
    case .text:
      conversion.run.note(
        .changed, key,
        "mlx-lm refuses it for rows of text; lowrank trains on all of their tokens")
    case .pair: break
    case nil:
      conversion.run.note(
        .changed, key,
        "of a conversation, mlx-lm trains on the last answer only: add train_on: last if rows are conversations"
      )
    }
  }

  /// What the rows of a file are, as far as mlx-lm treats them differently.
  private enum RowKind {
    case text, pair, conversation

    /// Looks at the first row of a folder or file that is here.
    init?(ofFirstRowIn path: String?, prompt: String) {
      guard let path, let files = try? DataFiles(at: URL(filePath: path)),
        let row = try? DataTable(of: files.train).rows.first
      else { return nil }
      if row.fields["messages"] != nil || row.fields["conversations"] != nil {
        self = .conversation
      } else {
        self = row.fields[prompt] == nil ? .text : .pair
      }
    }
  }
}
