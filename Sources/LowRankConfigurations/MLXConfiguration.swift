import Foundation
import LowRank
import LowRankSessions

/// The configuration of `mlx_lm.lora`.
enum MLXConfiguration {
  /// Writes a run's file of what is there, and of mlx-lm's defaults for what is not.
  static func convert(_ conversion: inout Conversion) throws {
    let folder = conversion.model(of: "model")
    data(&conversion)
    conversion.copy([
      .init(theirs: "adapter_path", ours: "adapter_path", kind: .text, fallback: .text("adapters"))
    ])
    adapter(&conversion)
    try layers(&conversion, of: folder)
    steps(&conversion)
  }

  // MARK: Adapter

  private static func adapter(_ conversion: inout Conversion) {
    switch conversion.file.text("fine_tune_type")?.lowercased() ?? "lora" {
    case "lora": break
    case "dora": conversion.run.set("dora", .flag(true))
    case let kind:
      conversion.run.note(
        .unsupported, "fine_tune_type",
        kind == "full"
          ? "full trains all weights, as lowrank pretrain --model does; this run trains an adapter"
          : "is \(kind), which lowrank does not know; this run trains LoRA")
    }
    let rank = conversion.file.integer("lora_parameters.rank")
    let scale = conversion.file.double("lora_parameters.scale")
    conversion.run.set(
      "rank", .integer(rank ?? 8), remark: rank == nil ? "mlx-lm's default" : nil)
    if scale == nil, conversion.file.has("lora_parameters") {
      conversion.run.note(
        .unsupported, "lora_parameters.scale",
        "is missing, which mlx-lm refuses; this run uses mlx-lm's default")
    }
    conversion.run.set(
      "alpha", .number((scale ?? 20) * Double(rank ?? 8)),
      remark: "scale \(RunValue.number(scale ?? 20).yaml) times the rank"
        + (scale == nil ? ", mlx-lm's default" : ""))
    conversion.copy([.init(theirs: "lora_parameters.dropout", ours: "dropout", kind: .number)])
    if let keys = conversion.file.list("lora_parameters.keys"), !keys.isEmpty {
      conversion.run.set("target", .list(keys))
    } else {
      conversion.run.set("target", .text("all-linear"), remark: "mlx-lm's default")
    }
  }

  /// The last layers, whose numbers follow from how many the model has.
  private static func layers(_ conversion: inout Conversion, of folder: URL?) throws {
    let key = conversion.file.has("lora_layers") ? "lora_layers" : "num_layers"
    let given = conversion.file.integer(key)
    let wanted = given ?? 16
    guard wanted > 0 else { return }
    guard let folder else {
      return conversion.run.note(
        .unsupported, key,
        "means the last \(wanted) layers: give --model DIR, whose layers are counted; this run adapts all"
      )
    }
    let config = try ModelFolder.config(at: folder)
    let names = ["num_hidden_layers", "n_layer", "n_layers"]
    guard let count = try names.lazy.compactMap({ try config.optionalInteger($0) }).first else {
      throw SettingsError("\(config.source) does not say how many layers there are")
    }
    if wanted > count {
      conversion.run.note(
        .changed, key,
        "\(given == nil ? "mlx-lm's default of \(wanted)" : "is \(wanted)"), and the model has \(count) layers: all are adapted; releases of mlx-lm that check the number refuse it"
      )
    }
    guard wanted < count else { return }
    conversion.run.set(
      "layers", .text(wanted == 1 ? "\(count - 1)" : "\(count - wanted)-\(count - 1)"),
      remark: "the last \(wanted) of \(count)" + (given == nil ? ", mlx-lm's default" : ""))
  }

  // MARK: Steps

  private static func steps(_ conversion: inout Conversion) {
    let accumulation = max(1, conversion.file.integer("grad_accumulation_steps") ?? 1)
    conversion.copy([
      .init(theirs: "batch_size", ours: "batch_size", kind: .integer, fallback: .integer(4))
    ])
    if accumulation > 1 {
      conversion.run.set("grad_accumulation", .integer(accumulation))
      conversion.run.note(
        .changed, "grad_accumulation_steps",
        "mlx-lm averages over batches, lowrank over tokens; the last step of an epoch has the batches that remain"
      )
    }
    /// Iterations of mlx-lm are batches, steps here are updates.
    func set(_ key: String, _ theirs: String, _ fallback: Int) -> Int {
      let given = conversion.file.integer(theirs)
      let steps = max(1, (given ?? fallback) / accumulation)
      let origin = given == nil ? "mlx-lm's default" : nil
      let division = accumulation > 1 ? "\(given ?? fallback) / \(accumulation)" : nil
      let remark = [division, origin].compactMap { $0 }.joined(separator: ", ")
      conversion.run.set(key, .integer(steps), remark: remark.isEmpty ? nil : remark)
      return steps
    }
    let steps = set("iters", "iters", 1000)
    schedule(&conversion, steps: steps)
    optimizer(&conversion)
    conversion.copy([
      .init(
        theirs: "max_seq_length", ours: "max_seq_length", kind: .integer, fallback: .integer(2048)),
      .init(theirs: "seed", ours: "seed", kind: .integer),
      .init(theirs: "grad_checkpoint", ours: "grad_checkpointing", kind: .flag),
    ])
    _ = set("eval_every", "steps_per_eval", 200)
    let batches = conversion.file.integer("val_batches")
    let size = conversion.file.integer("batch_size") ?? 4
    // A negative number is all of them.
    if (batches ?? 25) > 0 {
      let remark =
        "\(batches ?? 25) batches of \(size)" + (batches == nil ? ", mlx-lm's default" : "")
      conversion.run.set("eval_rows", .integer((batches ?? 25) * size), remark: remark)
    }
    _ = set("save_every", "save_every", 100)
    if conversion.file.flag("train") == false {
      conversion.run.note(
        .changed, "train", "is off, and lowrank train always trains; lowrank evaluate measures")
    }
  }
}
