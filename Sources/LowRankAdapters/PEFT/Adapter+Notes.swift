import LowRankCheckpoints
import LowRankTransformers

extension Adapter {
  /// What reading an adapter from a folder noticed that is no fault of the adapter.
  func notes(
    on folder: AdapterFolder, _ tensors: FolderTensors, lacksBiases: Bool
  ) -> [String] {
    var notes: [String] = []
    func note(_ names: [String], _ one: String, _ several: String) {
      guard let first = names.first else { return }
      let list = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
      notes.append(names.count == 1 ? "\(first) \(one)" : "\(list) \(several)")
    }
    let uses = base.architecture.uses.map { (path: $0.path, name: storedName(of: $0.path)) }
    note(
      uses.filter { untrained.contains($0.path) && tensors.has($0.name) }.map(\.name),
      "replaces the base's tensor",
      "replace the base's tensors")
    note(
      uses.filter { replacements[$0.path] == nil && tensors.has($0.name) }.map(\.name),
      "equals the base's tensor and is not kept",
      "equal the base's tensors and are not kept")
    note(
      tensors.forTraining.map(\.text), "is only needed for training and is not kept",
      "are only needed for training and are not kept")
    if let own = base.folder?.config["vocab_size"]?.integer {
      let count = base.architecture.vocabularySize
      if count > own {
        notes.append(
          "the vocabulary of the base grows from \(own) to \(count) tokens, for those that were added with the adapter"
        )
      }
    }
    if base.tokenizerFolder == folder.url {
      notes.append("the tokenizer is the one beside the adapter, not the base's")
    }
    if lacksBiases {
      notes.append(
        """
        "bias" is lora_only, but the file holds no bias: releases of PEFT before 0.20 did not save them, and the base's are \
        used
        """)
    }
    if configuration.ensuresTying, (base.architecture as? CausalModel)?.isHeadTied != true {
      notes.append("\"ensure_weight_tying\" has no effect: the base has no head that is tied")
    }
    return notes + (StartMeaning.note(on: folder.config).map { [$0] } ?? [])
  }
}
