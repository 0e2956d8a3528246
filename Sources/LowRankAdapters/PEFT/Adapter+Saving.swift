import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// Writes the adapter as a folder that PEFT reads, at once and whole, then reads it back and compares.
  ///
  /// - Throws: `PublishingError` where the folder is in use and `overwrite` is not set, `FileError`, and `AdapterError`
  ///   where a number is not finite or does not read back.
  public func save(to path: String, overwrite: Bool = false) throws {
    try publishFolder(at: URL(filePath: path), overwrite: overwrite, replacing: .adapter) {
      try write(into: $0)
    }
  }

  /// Writes the adapter's files into a folder that somebody else publishes.
  ///
  /// - Throws: as ``save(to:overwrite:)``.
  public func write(into folder: URL) throws {
    var facts = try AdapterFacts(
      base: base.folder, task: task,
      slices: Dictionary(
        uniqueKeysWithValues: sites.compactMap { site in site.slices.map { (site.path, $0) } }))
    facts.nestedFrom = nestedFrom
    let own = storedTensors()
    let plain = try plainTensors()
    let tensors = plain?.tensors ?? own
    for tensor in tensors + (plain == nil ? [] : own) where !tensor.values.allSatisfy(\.isFinite) {
      throw AdapterError.notFinite(file: "the adapter", name: tensor.name)
    }
    if plain == nil, !configuration.method.dialect.holdsFactors {
      for site in sites {
        facts.extents[site.path] = MapExtents(outputs: site.map.outputs, inputs: site.map.inputs)
      }
    }
    // The LoRA of another method is one of the whole map.
    var written = facts
    if plain != nil {
      written.slices = [:]
      written.native = peftConfiguration["peft_type"]?.string
    }
    let file = folder.appending(path: AdapterFolder.weightsName)
    try SafetensorsFile.write(
      tensors.map {
        TensorSource(
          TensorName(AdapterFolder.fullName(of: $0.name)), $0.shape, floats: $0.values)
      },
      metadata: [
        "format": "pt", AdapterFacts.metadataKey: .string(JSONValue.object(written.json).text()),
      ],
      to: file)
    if plain != nil {
      try NativeFactors.write(own, config: peftConfiguration, facts: facts, into: folder)
      try check(own, in: folder.appending(path: NativeFactors.name))
    }
    try JSONValue.object(plain?.configuration ?? peftConfiguration)
      .write(to: folder.appending(path: AdapterFolder.configName))
    try JSONValue.object(written.json).write(to: folder.appending(path: AdapterFacts.fileName))
    if let chatTemplate {
      try AdapterFolder.write(chatTemplate: chatTemplate, into: folder)
    }
    if let tokenizer = base.tokenizerFolder, keepsTokenizer {
      try AdapterFolder.copyTokenizer(from: tokenizer, into: folder)
    }
    try check(tensors, in: file)
  }

  /// Everything that is saved, under PEFT's names without the prefix; what updates share appears once.
  public func storedTensors() -> [FactorTensor] {
    let engine = base.engine
    var names: Set<TensorName> = []
    return updates.flatMap { $0.stored(values, engine) }
      .filter { names.insert(TensorName($0.name)).inserted } + otherTensors()
  }

  /// The updates as the LoRA that they equal, with its configuration, and all other tensors that are saved.
  ///
  /// - Returns: nil where the method has a type of its own, or a form is not exact or of too large a rank.
  private func plainTensors() throws -> (tensors: [FactorTensor], configuration: JSONObject)? {
    guard configuration.method.isSavedAsLoRA else { return nil }
    let forms = try forms()
    guard forms.allSatisfy({ $0.isExact && $0.rank <= NativeFactors.greatestRank }) else {
      return nil
    }
    let factors = zip(sites, forms).flatMap { site, form in
      let ratio = form.scale / site.scale
      return [
        FactorTensor(
          site.path + ".lora_A.weight", [form.rank, form.down.columns], form.down.elements),
        FactorTensor(
          site.path + ".lora_B.weight", [form.up.rows, form.rank],
          ratio == 1 ? form.up.elements : form.up.elements.map { ratio * $0 }),
      ]
    }
    return (
      factors + otherTensors(),
      peftConfiguration(of: LoRA(), storedRanks: forms.map(\.rank))
    )
  }

  /// What is saved besides the updates of linear maps.
  private func otherTensors() -> [FactorTensor] {
    let engine = base.engine
    var tensors: [FactorTensor] = []
    for (_, update) in embeddings.sorted(by: { $0.key < $1.key }) {
      tensors += update.stored(values, engine)
    }
    for (path, parameter) in replacements.sorted(by: { $0.key < $1.key }) {
      // What a tied head shares with the embeddings, untrained, is written once.
      guard !untrained.contains(path) || path == parameter.path else { continue }
      tensors.append(
        FactorTensor(storedName(of: path), parameter.shape, engine.floats(values[parameter])))
    }
    for rows in Set(ownRows.values.map(\.rows)).sorted(by: { $0.path < $1.path }) {
      tensors.append(FactorTensor(rows.path, rows.shape, engine.floats(values[rows])))
    }
    return tensors
  }

  private func check(_ tensors: [FactorTensor], in url: URL) throws {
    let file = try SafetensorsFile(at: url)
    for tensor in tensors {
      let name = AdapterFolder.fullName(of: tensor.name)
      guard let stored = file[TensorName(name)], stored.shape == tensor.shape,
        try stored.floats() == tensor.values
      else { throw AdapterError.savedOtherwise(file: url.relativePath, name: name) }
    }
  }
}
