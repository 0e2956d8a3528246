import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTransformers

extension StoredAdapter {
  /// Opens an adapter of a type other than LoRA: its updates in the form of LoRA, whatever the method.
  ///
  /// The base is only opened where the tensors do not say what the update is.
  ///
  /// - Throws: `AdapterError.needsBase` where it is needed and not given, `AdapterError` for tensors that are missing,
  ///   misshapen or not finite, and what opening the base throws.
  static func readingForms(
    _ folder: AdapterFolder, _ configuration: AdapterConfiguration, model: URL?, atMost rank: Int?
  ) throws -> StoredAdapter {
    let method = configuration.method
    let extents = folder.knownExtents(of: method)
    let read: ReadForms
    if method.formNeedsWeight || extents.isEmpty {
      guard let model else {
        throw AdapterError.needsBase(
          folder: folder.url.relativePath, type: method.name,
          needsWeights: method.formNeedsWeight)
      }
      let base = try Model(
        from: model, as: folder.head, precision: .float32, engine: CPUEngine(), keepsStored: true)
      read = try ReadForms(folder, on: base, atMost: rank)
    } else {
      read = try ReadForms(folder, configuration, extents, atMost: rank)
    }
    let modules = zip(read.paths, read.forms).filter { $0.1.rank > 0 }.map { path, form in
      StoredModule(
        path: path, kind: .linear, down: FactorMatrix(form.down, as: .float32),
        up: FactorMatrix(form.up, as: .float32), magnitude: nil, scale: Double(form.scale))
    }
    let others = folder.file.tensors.filter {
      !read.claimed.contains($0.name) && !ConfigurationKey.isForTraining($0.name)
    }
    return try StoredAdapter(
      folder.url, .peft, modules, others: others,
      config: plainConfig(folder.config.object, configuration), metadata: folder.file.metadata,
      facts: folder.facts
    ).noting(read.forms)
  }

  /// The configuration of a LoRA with everything that all types have; ranks, scales and targets are written with factors.
  private static func plainConfig(_ config: JSONObject, _ configuration: AdapterConfiguration)
    -> JSONObject
  {
    var plain: JSONObject = [
      "peft_type": "LORA", "bias": .string(configuration.bias.rawValue), "init_lora_weights": true,
      "lora_dropout": 0.0, "use_rslora": false, "use_dora": false,
    ]
    for key in [
      "task_type", "base_model_name_or_path", "revision", "inference_mode", "fan_in_fan_out",
      "modules_to_save", "trainable_token_indices", "auto_mapping",
    ] {
      if let value = config[key] { plain[key] = value }
    }
    return plain
  }
}

extension AdapterFolder {
  /// The extents of the adapted maps: as they were noted, else as far as the tensors tell.
  fileprivate func knownExtents(of method: any Method) -> [String: MapExtents] {
    if let noted = facts?.extents, !noted.isEmpty { return noted }
    return method.extents(
      in: file.tensors.compactMap { tensor in
        tensor.name.droppingPrefix(Self.prefix).map {
          StoredShape(name: $0.text, shape: tensor.shape)
        }
      })
  }
}

/// The updates of an adapter's folder in the form of LoRA, and the tensors that they are made of.
private struct ReadForms {
  let paths: [String]
  let forms: [LoRAForm]
  let claimed: Set<TensorName>

  /// From the tensors alone.
  init(
    _ folder: AdapterFolder, _ configuration: AdapterConfiguration,
    _ extents: [String: MapExtents], atMost rank: Int?
  ) throws {
    let engine = CPUEngine()
    let sites = extents.sorted { modulePath($0.key, precedes: $1.key) }.map { path, extents in
      let weight = Parameter(
        path + ".weight", [extents.outputs, extents.inputs], role: .weight, module: path)
      return AdaptedSite(
        site: Site(path, .loose), map: Dense(path: path, weight: weight),
        rank: configuration.ranks.rank(of: path), scale: configuration.scale(of: path),
        slices: folder.facts?.slices[path])
    }
    var factory = ParameterFactory(engine: engine, base: ParameterStore(), seed: 0)
    let updates = try configuration.method.awaitingValues().updates(for: sites, &factory)
    var (values, claimed) = (factory.store, Set<TensorName>())
    let file = folder.file.url.relativePath
    func read(_ name: String, _ shape: Shape) throws -> [Float] {
      let full = AdapterFolder.fullName(of: name)
      guard let tensor = folder.file[TensorName(full)] else {
        throw AdapterError.missingTensor(file: file, name: full)
      }
      guard tensor.shape == shape else {
        throw AdapterError.misshapenTensor(
          file: file, name: full, found: "\(tensor.shape)", expected: "\(shape)")
      }
      claimed.insert(tensor.name)
      return try StoredModule.numbers(of: tensor)
    }
    for update in updates {
      for (parameter, numbers) in try update.restored(read) {
        values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
      }
      claimed.formUnion(update.copies.map { TensorName(AdapterFolder.fullName(of: $0)) })
    }
    let pass = Pass(
      compute: Computation(engine: engine), store: values, rows: PackedRows(lengths: []))
    let work = Work("bringing updates into the form of LoRA", of: sites.count, .modules)
    defer { work.end() }
    forms = try zip(sites, updates).map { site, update in
      defer { work.advance() }
      return try update.form(
        FormRequest(
          outputs: site.map.outputs, inputs: site.map.inputs, rank: rank,
          weight: { preconditionFailure("\(site.path) has no weight without the base") },
          pass: pass))
    }
    paths = sites.map(\.path)
    self.claimed = claimed
  }

  /// On the base, which is loaded and checked as for use.
  init(_ folder: AdapterFolder, on base: Model, atMost rank: Int?) throws {
    let adapter = try Adapter(from: folder.url, on: base)
    let work = Work("bringing updates into the form of LoRA", of: adapter.sites.count, .modules)
    defer { work.end() }
    forms = try adapter.sites.indices.map { index in
      defer { work.advance() }
      return try adapter.form(of: index, atMost: rank)
    }
    paths = adapter.sites.map(\.path)
    claimed = Set(
      adapter.updates.flatMap { update in
        update.stored(adapter.values, base.engine).map(\.name) + update.copies
      }.map { TensorName(AdapterFolder.fullName(of: $0)) })
  }
}
