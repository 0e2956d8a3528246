import LowRankCheckpoints

extension LoRA {
  public var configuration: JSONObject {
    [
      "lora_dropout": .exact(dropout), "use_dora": .bool(hasMagnitude),
      // What matters on disk are the factors themselves: reading them back starts nothing.
      "init_lora_weights": true,
    ]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    LoRA(
      start: try Self.start(config), dropout: try config.double("lora_dropout", default: 0),
      hasMagnitude: try config.bool("use_dora", default: false))
  }

  private static func start(_ config: JSONFile) throws -> any Initialization {
    let (key, value) = ("init_lora_weights", config["init_lora_weights"] ?? .null)
    switch value {
    case .null, .bool(true): return KaimingStart()
    case .bool(false): return NonzeroStart()
    case .string(let name):
      let name = name.lowercased()
      if name == "gaussian" { return GaussianStart() }
      // The initialization does not affect a trained adapter.
      if StartMeaning.atRest[name] != nil { return KaimingStart() }
      guard let why = StartMeaning.reason(against: name) else { break }
      throw AdapterError.refusedKey(
        file: config.source, key: key, value: value.text(), why: why)
    default: break
    }
    throw AdapterError.unsupported(file: config.source, key: key, value: value.text())
  }
}
