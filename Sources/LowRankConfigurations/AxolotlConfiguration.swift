import Foundation
import LowRank

/// The configuration of axolotl.
enum AxolotlConfiguration {
  /// Writes a run's file of what is there, and of axolotl's defaults for what is not.
  static func convert(_ conversion: inout Conversion) throws {
    _ = conversion.model(of: "base_model")
    let evaluates = data(&conversion)
    conversion.copy([
      .init(theirs: "output_dir", ours: "adapter_path", kind: .text, fallback: .text("model-out"))
    ])
    adapter(&conversion)
    let steps = steps(&conversion)
    optimizer(&conversion)
    methods(&conversion)
    schedule(&conversion, steps: steps)
    evaluation(&conversion, evaluates, steps: steps)
  }

  // MARK: Adapter

  private static func adapter(_ conversion: inout Conversion) {
    switch conversion.file.text("adapter") {
    case "lora": break
    case "qlora":
      conversion.run.note(
        .unsupported, "adapter",
        "qlora quantises the base to 4 bits, which lowrank does not; a GGUF file as --model is packed already"
      )
    case nil:
      conversion.run.note(
        .unsupported, "adapter",
        "is missing, so axolotl trains all weights, as lowrank pretrain --model does; this run trains LoRA"
      )
    case let kind?:
      conversion.run.note(.unsupported, "adapter", "is \(kind); this run trains LoRA")
    }
    if let start = conversion.file.text("lora_model_dir") {
      conversion.run.set(
        "init_adapter", .text(start), remark: "brings its rank, targets and the like")
      for key in copied.map(\.theirs) + [
        "lora_target_modules", "lora_target_linear", "peft_layers_to_transform",
        "peft_init_lora_weights",
      ] where conversion.file.has(key) {
        conversion.file.cross(off: key)
        conversion.run.note(.changed, key, "comes from the adapter \(start)")
      }
      return
    }
    for key in ["lora_r", "lora_alpha"] where !conversion.file.has(key) {
      conversion.run.note(
        .unsupported, key, "is missing, which axolotl refuses; this run uses the default of lowrank"
      )
    }
    conversion.copy(copied)
    let linear = conversion.file.flag("lora_target_linear") ?? false
    let isPattern = conversion.file.isText("lora_target_modules")
    if let names = conversion.file.list("lora_target_modules"), !names.isEmpty {
      if linear {
        conversion.run.set("target", .text("all-linear"))
        conversion.run.note(
          .changed, "lora_target_modules",
          "adds nothing to lora_target_linear, which adapts all linear maps of the layers")
      } else if isPattern {
        let isAll = names == ["all-linear"]
        conversion.run.set(isAll ? "target" : "target_regex", .text(names[0]))
      } else {
        conversion.run.set("target", .list(names))
      }
    } else if linear {
      conversion.run.set("target", .text("all-linear"))
    }
    if let layers = conversion.file.list("peft_layers_to_transform"), !layers.isEmpty {
      conversion.run.set("layers", .list(layers))
    }
  }

  private static let copied: [Conversion.Copied] = [
    .init(theirs: "lora_r", ours: "rank", kind: .integer),
    .init(theirs: "lora_alpha", ours: "alpha", kind: .number),
    .init(theirs: "lora_dropout", ours: "dropout", kind: .number),
    .init(theirs: "lora_modules_to_save", ours: "modules_to_save", kind: .list),
    .init(theirs: "lora_rank_pattern", ours: "rank_pattern", kind: .table),
    .init(theirs: "lora_alpha_pattern", ours: "alpha_pattern", kind: .table),
    .init(theirs: "peft_use_rslora", ours: "rslora", kind: .flag),
    .init(theirs: "peft_use_dora", ours: "dora", kind: .flag),
    .init(theirs: "peft_trainable_token_indices", ours: "trainable_tokens", kind: .list),
  ]

  // MARK: Steps

  /// Batches and length, and the steps of the run where the file says them.
  private static func steps(_ conversion: inout Conversion) -> Int? {
    let micro = conversion.file.integer("micro_batch_size")
    conversion.run.set(
      "batch_size", .integer(micro ?? 1), remark: micro == nil ? "axolotl's default" : nil)
    let total = conversion.file.integer("batch_size")
    let accumulation =
      conversion.file.integer("gradient_accumulation_steps")
      ?? total.map { max(1, $0 / max(1, micro ?? 1)) }
    if let accumulation, accumulation != 1 {
      conversion.run.set("grad_accumulation", .integer(accumulation))
    }
    let steps = conversion.file.integer("max_steps").flatMap { $0 > 0 ? $0 : nil }
    if let steps {
      conversion.run.set("iters", .integer(steps))
      if let epochs = conversion.file.double("num_epochs") {
        conversion.epochs = epochs
        conversion.file.cross(off: "num_epochs")
        conversion.run.note(
          .changed, "num_epochs", "has no effect beside max_steps, which ends the run")
      }
    } else {
      conversion.copy([
        .init(theirs: "num_epochs", ours: "epochs", kind: .number, fallback: .integer(1))
      ])
    }
    conversion.copy([
      .init(
        theirs: "sequence_len", ours: "max_seq_length", kind: .integer, fallback: .integer(512)),
      .init(theirs: "sample_packing", ours: "packing", kind: .flag),
      .init(theirs: "label_smoothing_factor", ours: "label_smoothing", kind: .number),
    ])
    switch conversion.file.text("excess_length_strategy")?.lowercased() {
    case "truncate": break
    case "raise":
      conversion.run.note(
        .changed, "excess_length_strategy",
        "axolotl stops at longer rows; lowrank cuts them and says how many")
    default:
      conversion.run.note(
        .changed, "excess_length_strategy",
        "axolotl drops longer rows; lowrank cuts them and says how many")
    }
    precision(&conversion)
    // Besides true it may name where activations are put.
    if let recomputes = conversion.file.text("gradient_checkpointing")?.lowercased(),
      !["false", "no", "off"].contains(recomputes)
    {
      conversion.run.set("grad_checkpointing", .flag(true))
    }
    conversion.copy([.init(theirs: "seed", ours: "seed", kind: .integer, fallback: .integer(42))])
    return steps
  }

  private static func precision(_ conversion: inout Conversion) {
    let brain = conversion.file.text("bf16")?.lowercased()
    let half = conversion.file.text("fp16")?.lowercased() == "true"
    let isBrain = ["true", "full"].contains(brain) || conversion.file.flag("bfloat16") == true
    if isBrain {
      conversion.run.set("precision", .text("bf16"))
    } else if half || conversion.file.flag("float16") == true {
      conversion.run.set("precision", .text("auto"))
      conversion.run.note(
        .changed, "fp16",
        "lowrank does not compute in fp16; precision auto is bf16 where the processor has it, else f32"
      )
    } else if brain == "false" {
      conversion.run.set("precision", .text("f32"))
    }
  }

  // MARK: Evaluation and saving

  /// Writes a number of times for each epoch as a number of steps, if the steps of an epoch are known.
  private static func perEpoch(
    _ conversion: inout Conversion, _ theirs: String, as ours: String, steps: Int?
  ) {
    guard let times = conversion.file.integer(theirs), times > 0,
      !conversion.run.keys.contains(ours)
    else { return }
    let epochs = conversion.epochs
    guard
      let length = steps.map({ Double($0) / epochs })
        ?? stepsPerEpoch(conversion).map(Double.init)
    else {
      return conversion.run.note(
        .changed, theirs,
        "\(ours) counts steps, and how many steps an epoch has is not known without the rows: set \(ours) yourself"
      )
    }
    let every = max(1, Int((length / Double(times)).rounded(.up)))
    conversion.run.set(
      ours, .integer(every), remark: "\(times) in an epoch of \(Int(length)) steps")
  }

  private static func evaluation(
    _ conversion: inout Conversion, _ evaluates: Bool, steps: Int?
  ) {
    for (theirs, ours) in [("eval_steps", "eval_every"), ("save_steps", "save_every")] {
      guard let number = conversion.file.double(theirs), number > 0 else { continue }
      if number >= 1 {
        conversion.run.set(ours, .integer(Int(min(number, 1e9))))
      } else if let steps {
        conversion.run.set(
          ours, .integer(max(1, Int(number * Double(steps)))), remark: "\(number) of \(steps)")
      } else {
        conversion.run.note(
          .inert, theirs,
          "is a share of the run; \(ours) counts steps, and how many the run has is not known without the rows: set \(ours) yourself"
        )
      }
    }
    perEpoch(&conversion, "saves_per_epoch", as: "save_every", steps: steps)
    perEpoch(&conversion, "evals_per_epoch", as: "eval_every", steps: steps)
    let metric = conversion.file.text("metric_for_best_model") ?? "loss"
    if conversion.file.flag("load_best_model_at_end") == true {
      if !evaluates {
        conversion.run.note(
          .unsupported, "load_best_model_at_end", "there are no rows to evaluate on")
      } else if ["loss", "eval_loss"].contains(metric) {
        conversion.run.set("metric", .text("loss"))
      } else {
        conversion.run.note(
          .unsupported, "metric_for_best_model",
          "lowrank does not choose by \(metric); the last adapter is kept")
      }
    }
    conversion.copy([
      .init(theirs: "save_total_limit", ours: "save_total_limit", kind: .integer)
    ])
    if let patience = conversion.file.integer("early_stopping_patience"), patience > 0 {
      if evaluates, conversion.run.keys.contains("eval_every") {
        conversion.run.set("patience", .integer(patience))
      } else {
        conversion.run.note(
          .unsupported, "early_stopping_patience",
          "needs rows to evaluate on (valid_file), and eval_every in steps")
      }
    }
    if conversion.file.flag("auto_resume_from_checkpoints") == true {
      conversion.run.set("resume", .flag(true))
    }
  }
}
