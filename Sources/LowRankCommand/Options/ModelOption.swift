import ArgumentParser

/// The flag that names a model.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a folder with config.json and its weights, a GGUF file, or owner/name[@revision] on the hub. (required)",
      valueName: "model"), completion: .model)
  var model: String?
}

/// The flag that says in which type a model multiplies.
struct PrecisionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The type of products: f32, bf16, or auto, which is bf16 where the processor multiplies it natively.",
      valueName: "type"), completion: .precision)
  var precision: String = "auto"
}
