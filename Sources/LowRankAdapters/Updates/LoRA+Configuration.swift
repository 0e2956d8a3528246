import LowRankCheckpoints

extension LoRA {
  public var configuration: JSONObject {
    [
      // The shortest decimal number that reads back as the same Float.
      "lora_dropout": .double(Double("\(dropout)") ?? Double(dropout)),
      "use_dora": .bool(hasMagnitude),
      // What matters on disk are the factors themselves: reading them back starts nothing.
      "init_lora_weights": true,
    ]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    LoRA(
      start: try Self.start(config), dropout: Float(try config.double("lora_dropout", default: 0)),
      hasMagnitude: try config.bool("use_dora", default: false))
  }

  private static func start(_ config: JSONFile) throws -> any Initialization {
    switch config["init_lora_weights"] {
    case nil, .null, .bool(true): return KaimingStart()
    case .bool(false): return NonzeroStart()
    case .string("gaussian"): return GaussianStart()
    case let other?:
      throw AdapterError.unsupported(
        file: config.source, key: "init_lora_weights", value: other.text())
    }
  }
}
