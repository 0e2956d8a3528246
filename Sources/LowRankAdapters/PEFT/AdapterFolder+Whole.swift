import LowRankCheckpoints

extension AdapterFolder {
  /// The tensors that are not part of an update: biases, fully trained modules, token rows, and copies of base
  /// weights.
  public var wholeTensors: [StoredTensor] {
    file.tensors.filter { tensor in
      !tensor.name.text.split(separator: ".").contains { $0.utf8.starts(with: "lora_".utf8) }
    }
  }
}
