import Foundation

extension MLXConfiguration {
  /// AdamW's numbers.
  static func optimizer(_ conversion: inout Conversion) {
    let name = conversion.file.text("optimizer")?.lowercased() ?? "adam"
    guard ["adam", "adamw"].contains(name) else {
      conversion.run.note(
        .unsupported, "optimizer", "is \(name), which lowrank does not have; this run uses AdamW")
      return
    }
    let own = "optimizer_config.\(name)."
    if name == "adamw" {
      conversion.copy([
        .init(
          theirs: own + "weight_decay", ours: "weight_decay", kind: .number,
          fallback: .number("0.01"))
      ])
    }
    conversion.copy([
      .init(theirs: own + "betas", ours: "adam_betas", kind: .list),
      .init(theirs: own + "eps", ours: "adam_eps", kind: .number),
    ])
    if conversion.file.flag(own + "bias_correction") != true {
      conversion.run.note(
        .changed, "optimizer",
        "mlx-lm has no bias correction unless bias_correction is true; lowrank always has, so its first steps are smaller"
      )
    }
  }

  /// The learning rate: constant, or a schedule of MLX by its name and arguments.
  static func schedule(_ conversion: inout Conversion, steps: Int) {
    let key = "lr_schedule"
    let rate = conversion.file.number("learning_rate")
    func plain() {
      conversion.run.set(
        "learning_rate", .number(rate ?? "1e-5"), remark: rate == nil ? "mlx-lm's default" : nil)
      conversion.run.set("lr_schedule", .text("constant"))
    }
    guard conversion.file.has(key) else { return plain() }
    let name = conversion.file.text("lr_schedule.name") ?? "none"
    let arguments = (conversion.file.list("lr_schedule.arguments") ?? []).map { Double($0) }
    guard let peak = arguments.first ?? nil, !arguments.contains(nil) else {
      conversion.run.note(.unsupported, key, "has no arguments that are numbers")
      return plain()
    }
    if let rate, Double(rate) != peak {
      conversion.run.note(
        .changed, "learning_rate", "mlx-lm ignores it too: the schedule starts at \(peak)")
    }
    let numbers = arguments.compactMap { $0 }
    let end: (floor: Double, steps: Int?)?
    switch name {
    case "cosine_decay":
      end = (numbers.count > 2 ? numbers[2] : 0, numbers.count > 1 ? Int(exactly: numbers[1]) : nil)
    case "linear_schedule":
      end = (numbers.count > 1 ? numbers[1] : 0, numbers.count > 2 ? Int(exactly: numbers[2]) : nil)
    default: end = nil
    }
    conversion.run.set("learning_rate", .number(peak))
    if let end, end.floor < peak, end.floor >= 0 {
      conversion.run.set("lr_schedule", .text(name == "cosine_decay" ? "cosine" : "linear"))
      if end.floor > 0 { conversion.run.set("lr_floor", .number(end.floor)) }
    } else {
      conversion.run.set("lr_schedule", .text("constant"))
      conversion.run.note(
        .unsupported, key,
        "is \(name) of \(numbers), which lowrank does not have; this run's rate is constant")
    }
    let warmup = conversion.setWarmup(
      conversion.file.integer("lr_schedule.warmup") ?? 0, of: steps, key: "lr_schedule.warmup")
    if let start = conversion.file.double("lr_schedule.warmup_init"), start != 0 {
      conversion.run.note(
        .changed, "lr_schedule.warmup_init", "is \(start); the warm-up of lowrank starts at 0")
    }
    if let length = end?.steps, length != steps - warmup {
      conversion.run.note(
        .changed, "lr_schedule.arguments",
        "the schedule ends after \(length) steps; lowrank's ends with the run, \(steps - warmup) steps after the warm-up"
      )
    }
  }
}
