import LowRankCheckpoints

/// What the values of PEFT's `init_lora_weights` do to the base when a saved adapter is loaded.
///
/// `PeftModel.from_pretrained` initializes the factors, then replaces them with the saved ones. So an initialization
/// affects a trained adapter only if it changes the base's weights, which stay changed.
enum StartMeaning {
  /// Initializations that leave the base's weights unchanged, by name, each with what it does instead.
  static let atRest: [String: String] = [
    "gaussian": "draws A from a normal distribution",
    "eva":
      "takes A from the activations of data; on loading B is set to zero and both are replaced",
    "orthogonal": "draws A and B with orthogonal rows and columns",
    "mica": "takes B from the least singular vectors of W, and is LoRA afterwards",
    "lora_ga": "needs gradients, which do not exist on loading: PEFT draws A as usual",
  ]

  /// Initializations that change the base's weights whenever the adapter is loaded, by the prefix of their names.
  static let moving: [(name: String, why: String)] = [
    (
      "pissa_niter_",
      "PEFT subtracts a random initialization from the base's weights, so PEFT cannot load the adapter as it was trained "
        + "either; \(conversion)"
    ),
    (
      "pissa",
      "PEFT subtracts the largest singular components from the base's weights each time it loads the adapter; \(conversion)"
    ),
    (
      "olora",
      "PEFT subtracts the first columns of a QR decomposition from the base's weights each time it loads the adapter; "
        + conversion
    ),
    (
      "corda",
      "the start is subtracted from the base's weights and follows from data that the adapter does not hold, so that PEFT "
        + "does not load it either; \(conversion)"
    ),
    (
      "loftq",
      "PEFT quantises the base's weights each time it loads the adapter; merge it in PEFT and take the merged model"
    ),
  ]

  private static let conversion =
    "save it in PEFT with path_initial_model_for_weight_conversion, which makes a plain LoRA of it"

  /// The reason to refuse an initialization, or nil if it is not known to change the base.
  static func reason(against name: String) -> String? {
    moving.first { name.hasPrefix($0.name) }?.why
  }

  /// A note about an adapter with this initialization.
  static func note(on config: JSONFile) -> String? {
    guard config["init_lora_weights"]?.string?.lowercased() == "lora_ga" else { return nil }
    return """
      LoRA-GA subtracted its start from the base's weights while it trained, and as in PEFT that is not done again: the \
      adapter is right only on the base that training left, or where PEFT converted it when it was saved
      """
  }
}
