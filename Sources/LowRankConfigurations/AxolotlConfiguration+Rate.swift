import Foundation

extension AxolotlConfiguration {
  /// AdamW's numbers.
  static func optimizer(_ conversion: inout Conversion) {
    let name = conversion.file.text("optimizer")?.lowercased() ?? "adamw_torch_fused"
    if name.hasPrefix("adamw") || name.hasPrefix("paged_adamw") {
      if name.contains("8bit") || name.contains("4bit") {
        conversion.run.note(
          .changed, "optimizer",
          "\(name) stores the averages of AdamW in \(name.contains("8bit") ? 8 : 4) bits; lowrank stores them in f32"
        )
      }
    } else {
      conversion.run.note(
        .unsupported, "optimizer", "is \(name), which lowrank does not have; this run uses AdamW")
    }
    conversion.copy([
      .init(theirs: "weight_decay", ours: "weight_decay", kind: .number, fallback: .number("0")),
      .init(
        theirs: "max_grad_norm", ours: "max_grad_norm", kind: .number, fallback: .number("1.0")),
      .init(theirs: "adam_epsilon", ours: "adam_eps", kind: .number),
    ])
    let (first, second) = (
      conversion.file.number("adam_beta1"), conversion.file.number("adam_beta2")
    )
    if first != nil || second != nil {
      conversion.run.set("adam_betas", .list([first ?? "0.9", second ?? "0.999"]))
    }
  }

  /// The learning rate and its course.
  static func schedule(_ conversion: inout Conversion, steps: Int?) {
    let rate = conversion.file.number("learning_rate")
    if let rate {
      conversion.run.set("learning_rate", .number(rate))
    } else {
      conversion.run.note(
        .unsupported, "learning_rate",
        "is missing, which axolotl refuses; this run uses the default of lowrank")
    }
    let peak = rate.flatMap { Double($0) } ?? 2e-4
    let name = conversion.file.text("lr_scheduler")?.lowercased()
    let remark = name == nil ? "axolotl's default" : nil
    func set(_ schedule: String) {
      conversion.run.set("lr_schedule", .text(schedule), remark: remark)
    }
    func floor(_ floor: Double?) {
      guard let floor, floor > 0 else { return }
      guard floor < peak else {
        return conversion.run.note(
          .unsupported, "lr_scheduler",
          "would end at \(floor), which is not below the learning rate")
      }
      conversion.run.set("lr_floor", .number(floor))
    }
    let own = "lr_scheduler_kwargs."
    switch name ?? "cosine" {
    case "cosine":
      set("cosine")
      floor(conversion.file.double("cosine_min_lr_ratio").map { $0 * peak })
    case "cosine_with_min_lr":
      set("cosine")
      floor(
        conversion.file.double(own + "min_lr")
          ?? conversion.file.double(own + "min_lr_rate").map { $0 * peak })
    case "linear": set("linear")
    case "polynomial":
      set("polynomial")
      conversion.copy([.init(theirs: own + "power", ours: "lr_power", kind: .number)])
      floor(conversion.file.double(own + "lr_end") ?? 1e-7)
    case "inverse_sqrt":
      set("inverse_sqrt")
      conversion.copy([.init(theirs: own + "timescale", ours: "lr_timescale", kind: .integer)])
    case "constant_with_warmup": set("constant")
    case "constant":
      set("constant")
      for key in ["warmup_steps", "warmup_ratio"] where conversion.file.has(key) {
        conversion.file.cross(off: key)
        conversion.run.note(.inert, key, "the schedule constant has no warm-up")
      }
      return
    case let other:
      set("cosine")
      conversion.run.note(
        .unsupported, "lr_scheduler",
        "is \(other), which lowrank does not have; this run uses cosine")
    }
    warmup(&conversion, steps: steps)
  }

  private static func warmup(_ conversion: inout Conversion, steps: Int?) {
    if let warmup = conversion.file.double("warmup_steps"), let count = Int(exactly: warmup) {
      _ = conversion.setWarmup(count, of: steps, key: "warmup_steps")
    } else if let share = conversion.file.number("warmup_ratio"), let value = Double(share) {
      if value > 0, value < 1 {
        conversion.run.set("warmup", .text(share))
      } else if value != 0 {
        conversion.run.note(.unsupported, "warmup_ratio", "is \(share), expected a share below 1")
      }
    } else {
      conversion.run.set(
        "warmup", .text("0.03"), remark: "axolotl's default, at most 100 steps there")
    }
  }
}
