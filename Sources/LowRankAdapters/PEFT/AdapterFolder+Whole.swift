import LowRankCheckpoints

extension AdapterFolder {
  /// The tensors that are no part of an update: biases, modules that were trained whole, rows of tokens, and copies of base
  /// weights.
  public var wholeTensors: [StoredTensor] {
    file.tensors.filter { tensor in
      !tensor.name.text.split(separator: ".").contains { $0.utf8.starts(with: "lora_".utf8) }
    }
  }
}
