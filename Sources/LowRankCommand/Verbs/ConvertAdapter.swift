import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank convert ADAPTER`: writes an adapter in the format of another tool.
struct ConvertAdapter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adapter-files",
    abstract: "Turn adapters of PEFT, mlx-lm, llama.cpp and loralib into each other.",
    usage: "lowrank convert <adapter> --to <format> --output <path> [--model <dir>] …",
    // Any adapter folder may be meant by the first word, so the name is one that none will have.
    shouldDisplay: false)

  @Argument(
    help:
      "An adapter: a folder of PEFT or mlx-lm, a name on the hub, a GGUF file, or a file of microsoft/LoRA. (required)",
    completion: .words(["config"], orFiles: ["gguf", "pt", "bin"]))
  var adapter: String?

  @Option(
    help: ArgumentHelp("peft, mlx or gguf. (required)", valueName: "format"), completion: .format)
  var to: String?

  @Option(
    help: ArgumentHelp("peft, mlx, gguf or loralib. (default: by the files)", valueName: "format"),
    completion: .adapterFormat)
  var from: String?

  @Option(
    help: ArgumentHelp(
      "Where it is written: a folder, or the file for gguf. (required)", valueName: "path"),
    completion: .file(extensions: ["gguf"]))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The base, a folder or a name on the hub: gguf needs its config.json, loralib and types such as HIRA its weights too. Copies of its weights in the adapter are left out.",
      valueName: "model"), completion: .model)
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For loralib: the lora_alpha of training; factors of rank r are scaled by alpha / r.",
      valueName: "a"))
  var alpha: Double?

  @Option(
    help: ArgumentHelp(
      "For loralib: the parts of fused maps that are adapted, as q,v, or as loralib's list true,false,true.",
      valueName: "parts"), completion: .list(["q,v", "q,k,v"]))
  var enableLora: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For adapters of other types than LoRA: the greatest rank of the LoRA; what is cut is stated. (default: exact)",
      valueName: "r"))
  var rank: Int?

  @OptionGroup var checks: CheckOptions

  @OptionGroup var replacing: OverwriteOption<ConvertedAdapter>

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let adapter else { throw UsageError("give the adapter to convert") }
    guard let to else { throw UsageError("--to FORMAT is missing: peft, mlx or gguf") }
    let target = try Self.format(to, "--to", allowing: [.peft, .mlx, .gguf])
    try checks.settings.checkUsed(model != nil, with: "--model")
    guard let output else { throw UsageError("--output PATH is missing") }
    let source = try Located.adapter(adapter)
    let format = try from.map { try Self.format($0, "--from") } ?? AdapterFormat(guessing: source)
    let settings = try settings(format)
    // The files of PEFT before safetensors are written as safetensors.
    let isOther = try StoredAdapter.isOfOtherType(source, as: format)
    if let rank {
      guard rank > 0 else { throw UsageError("--rank is \(rank), expected a number of at least 1") }
      guard isOther else {
        throw UsageError(
          "--rank has no effect: \(adapter) is a LoRA, which lowrank compress prunes")
      }
    }
    guard try format != target || isOther || Self.isTorchFolder(source) else {
      throw UsageError("\(adapter) has the format \(to) already")
    }
    if target == .gguf, model == nil {
      throw UsageError(
        "--model DIR is missing: a GGUF adapter names the architecture of its base, and llama's orders rows by heads"
      )
    }
    let base = try model.map { try Located.model($0) }
    let place = try place(output, target, sparing: adapter)
    let stored = try StoredAdapter(
      at: source, as: format, model: base, settings: settings, formsAtMost: rank)
    if format == .loralib { try Self.noteRest(of: source) }
    var draft = EditableAdapter(
      stored, replacing: stored.modules.map { EditableAdapter.Module($0) })
    if let base {
      let folder = try ModelFolder(at: base)
      try checks.settings.check(stored, on: folder)
      try draft.forgetCopies(of: base)
    }
    let result: JSONObject
    do {
      result = try write(draft, of: stored, as: target, to: place, base)
    } catch AdapterError.cannotExpress(let form, let what) {
      throw Self.refusal(of: adapter, for: target, form: form, what: what)
    }
    guard !results.json else { return try Console.result(result) }
    if isOther { return try Console.result(Self.sentence(on: stored, from: source, at: place)) }
    let exact = result["exact"]?.bool == true ? "exactly" : "rounded"
    // The files of PEFT before safetensors are of the same format.
    let (old, new) =
      format == target
      ? ("adapter_model.bin", "adapter_model.safetensors") : (format.rawValue, target.rawValue)
    try Console.result(
      String(
        format: "%@: %@ from %@ to %@, %@, ‖ΔW − ΔW'‖ = %.3g (%.2g of ‖ΔW‖)",
        place.relativePath, counted(stored.modules.count, "module"), old, new, exact,
        result["distance"]?.double ?? 0, result["relative_distance"]?.double ?? 0))
  }

  /// A refusal that names the adapter, and the model with it as the way out, unless the refusal has one of its own.
  private static func refusal(
    of adapter: String, for target: AdapterFormat, form: String, what: String
  ) -> AdapterError {
    // No GGUF file holds the head of a classifier.
    let isClassifier = what.hasPrefix("the trained head ") && !what.contains("lm_head")
    let merge = target == .gguf && !isClassifier ? "merge --gguf" : "merge"
    let help =
      what.contains("is left out")
      ? "" : "; lowrank \(merge) writes the model with the adapter in it"
    return .cannotExpress(form: "\(adapter): \(form)", what: what + help)
  }

  private func place(_ output: String, _ target: AdapterFormat, sparing input: String) throws
    -> URL
  {
    if target == .gguf {
      return try CheckedFile(
        output, name: "--output", overwrite: replacing.overwrite, kind: "GGUF file",
        isKind: GGUFFile.isGGUF, sparing: [input]
      ).url
    }
    return try OutputFolder(
      output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
      sparing: [input]
    ).url
  }

  private func write(
    _ draft: EditableAdapter, of stored: StoredAdapter, as target: AdapterFormat, to place: URL,
    _ base: URL?
  ) throws -> JSONObject {
    func comparison(_ written: URL) throws -> JSONObject {
      let difference = try ConversionCheck(
        of: StoredAdapter(at: written, as: target, model: base), from: stored)
      var facts: JSONObject = [
        "adapter": .string(place.relativePath), "from": .string(stored.format.rawValue),
        "to": .string(target.rawValue), "modules": .integer(stored.modules.count),
        "parameters": .integer(draft.factorParameters), "exact": .bool(difference.isExact),
        "distance": .double(difference.distance),
        "relative_distance": .double(difference.relativeDistance),
      ]
      if let energy = stored.energy {
        // The distance to the whole update, of which the form has a part.
        let distance = difference.distance + stored.discardedEnergy.squareRoot()
        facts["exact"] = .bool(difference.isExact && stored.discardedEnergy == 0)
        facts["distance"] = .double(distance)
        facts["relative_distance"] = .double(
          distance / max(energy.squareRoot(), .leastNormalMagnitude))
        facts["discarded_energy"] = .double(stored.discardedEnergy)
        facts["discarded_energy_share"] = .double(
          stored.discardedEnergy / max(energy, .leastNormalMagnitude))
      }
      return facts
    }
    if target == .gguf, let base {
      return try publishFile(at: place, overwrite: replacing.overwrite) { file in
        try draft.writeGGUF(to: file, model: base)
        return try comparison(file)
      }
    }
    return try publishFolder(at: place, overwrite: replacing.overwrite, replacing: .adapter) {
      folder in
      try draft.write(as: target == .mlx ? .mlx : .peft, into: folder)
      try AdapterFolder.copyTemplate(from: stored.url, into: folder)
      return try comparison(folder)
    }
  }

  /// What became of an adapter of another type.
  private static func sentence(on stored: StoredAdapter, from source: URL, at place: URL) throws
    -> String
  {
    let type = try AdapterFolder(at: source).config.string("peft_type")
    let lost =
      stored.energy.map {
        String(
          format: "%.3g %% of the energy ‖ΔW‖² is discarded",
          100 * stored.discardedEnergy / max($0, .leastNormalMagnitude))
      } ?? "exactly, up to rounding to f32"
    return
      "\(place.relativePath): \(counted(stored.modules.count, "module")) from \(type) to LoRA of rank "
      + "\(stored.rank), \(lost)"
  }

  private static func isTorchFolder(_ url: URL) throws -> Bool {
    guard try AdapterFormat(guessing: url) == .peft else { return false }
    return try AdapterFolder(at: url).file.format == .torch
  }

  private static func format(
    _ name: String, _ flag: String, allowing formats: [AdapterFormat] = AdapterFormat.allCases
  ) throws -> AdapterFormat {
    guard let format = AdapterFormat(rawValue: name), formats.contains(format) else {
      throw UsageError.value(name, of: flag, expected: formats.map(\.rawValue))
    }
    return format
  }
}
