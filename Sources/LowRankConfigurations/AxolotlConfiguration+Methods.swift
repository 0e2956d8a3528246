extension AxolotlConfiguration {
  /// Writes what is chosen beyond plain LoRA: where factors start, the rate of B, and whether prompts are trained.
  static func methods(_ conversion: inout Conversion) {
    start(&conversion)
    if let ratio = conversion.file.number("loraplus_lr_ratio"), Double(ratio) != 1 {
      conversion.run.set("optimizer", .text("lora-plus:ratio=\(ratio)"))
    }
    if conversion.file.flag("train_on_inputs") == true {
      conversion.run.set("train_on", .text("all"))
    }
  }

  /// The starts that have other names in PEFT.
  private static let starts = [
    "gaussian": "gaussian", "pissa": "pissa", "olora": "olora", "eva": "eva", "corda": "corda",
    "lora_ga": "lora-ga",
  ]

  private static func start(_ conversion: inout Conversion) {
    let key = "peft_init_lora_weights"
    guard !conversion.file.has("lora_model_dir"), let name = conversion.file.text(key),
      name.lowercased() != "true"
    else { return }
    let iterations = "pissa_niter_"
    if let start = starts[name] {
      conversion.run.set("init", .text(start))
    } else if name.hasPrefix(iterations), let count = Int(name.dropFirst(iterations.count)) {
      conversion.run.set("init", .text("pissa:niter=\(count)"))
    } else {
      conversion.run.note(
        .unsupported, key,
        "is \(name), a start that lowrank does not have; lowrank methods lists those of \"init\"")
    }
  }
}
