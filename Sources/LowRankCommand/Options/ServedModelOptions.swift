import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankServing
import LowRankSessions

/// The flags about the model, the adapters and the limits of the verbs that answer many requests.
struct ServedModelOptions: ParsableArguments {
  @OptionGroup var base: ModelOption

  @Option(
    help: ArgumentHelp(
      "An adapter, which answers to the last part of its path or name, or with NAME=ADAPTER to a name of yours; may be given several times.",
      valueName: "adapter"), completion: .adapter)
  var adapter: [String] = []

  @Option(
    help: ArgumentHelp(
      "A folder whose folders are adapters, each under its name; they are loaded when they are asked for.",
      valueName: "dir"), completion: .folder)
  var adapters: String?

  @OptionGroup var checks: CheckOptions

  @OptionGroup var template: TemplateOptions

  @OptionGroup var products: PrecisionOption

  @OptionGroup var threadOptions: ThreadOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most sequences that are continued at once.", valueName: "n"))
  var maxSequences: Int = 64

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a pass: one of each sequence that is continued, the rest of prompts.",
      valueName: "n"))
  var maxBatchTokens: Int = 512

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a sequence, its prompt included. (default: what the model was trained for, at most 4096)",
      valueName: "n"))
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "The memory for keys and values of all sequences, as 500MB or 2GB.", valueName: "size"))
  var cacheMemory: String = "1GB"

  @Option(
    help: ArgumentHelp(
      "The memory for adapters; those that were not used for longest make room.",
      valueName: "size"))
  var adapterMemory: String = "2GB"

  /// The model and how it is served.
  func prepared(
    name: String?, as head: ModelHead?
  ) throws -> (Model, ServingConfiguration) {
    var settings = ModelSettings(base.model)
    (settings.precision, settings.threads) = (products.precision, threadOptions.threads)
    try Bounds.check(maxSequences, "--max-sequences", to: 4096)
    try Bounds.check(maxBatchTokens, "--max-batch-tokens")
    try Bounds.check(maxLength, "--max-length")
    var limits = EngineLimits()
    (limits.sequences, limits.rows) = (maxSequences, maxBatchTokens)
    limits.cacheBytes = try Self.bytes(cacheMemory, "--cache-memory")
    let named = try adapter.map(Self.named)
    guard Set(named.map(\.name)).count == named.count else {
      throw UsageError("--adapter gives one name to two adapters; give another as NAME=ADAPTER")
    }
    if let adapters {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: adapters, isDirectory: &isFolder),
        isFolder.boolValue
      else {
        let found = adapters.isEmpty ? "\"\"" : adapters
        throw UsageError("--adapters is \(found), expected a folder")
      }
    }
    try checks.settings.checkUsed(
      !adapter.isEmpty || adapters != nil, with: "--adapter or --adapters")
    guard let model = base.model else { throw UsageError("--model MODEL is missing") }
    let place = try Located.model(model)
    let own = name ?? Self.name(of: model, at: place)
    if named.contains(where: { $0.name == own }) {
      throw UsageError(
        "--adapter gives \(own), the name of the base, to an adapter; choose another as NAME=ADAPTER, or --name for the base"
      )
    }
    if let adapters, FolderOfAdapters.isPlain(own),
      FileManager.default.fileExists(atPath: "\(adapters)/\(own)/adapter_config.json")
    {
      Console.write(
        "warning: \(adapters)/\(own) is not served, since \(own) is the name of the base".printable)
    }
    let loaded = try settings.loadModel(as: head)
    let longest = loaded.servedLength
    if let maxLength, maxLength > longest {
      throw UsageError("--max-length is \(maxLength), expected at most the model's \(longest)")
    }
    limits.length = maxLength ?? min(longest, 4096)
    var configuration = ServingConfiguration(name: own)
    configuration.limits = limits
    configuration.adapterBytes = try Self.bytes(adapterMemory, "--adapter-memory")
    configuration.allowed = checks.settings.allowed
    configuration.folder = adapters.map { URL(filePath: $0) }
    configuration.adapters = try named.map { ($0.name, try Located.adapter($0.place)) }
    // A missing or broken one is refused now, not at its first request.
    for (_, place) in configuration.adapters {
      _ = try AdapterFolder(at: place, model: loaded.folder?.url)
    }
    if template.chatTemplate != nil {
      configuration.renderer = try template.settings.renderer(in: place, adapter: nil)
    }
    return (loaded, configuration)
  }

  /// What clients call a model: the name of its folder or file, or its name on the hub.
  private static func name(of text: String, at place: URL) -> String {
    guard FileManager.default.fileExists(atPath: text) else {
      return String(text.prefix { $0 != "@" })
    }
    return place.pathExtension == "gguf"
      ? place.deletingPathExtension().lastPathComponent : place.lastPathComponent
  }

  /// An adapter and what clients call it: what is before `=`, or the last part of its path or name on the hub.
  private static func named(_ text: String) throws -> (name: String, place: String) {
    let expected = "expected an adapter, or NAME=ADAPTER"
    guard let sign = text.firstIndex(of: "=") else {
      // On the hub, a revision follows the name.
      let isThere = FileManager.default.fileExists(atPath: text)
      let url = URL(filePath: isThere ? text : String(text.prefix { $0 != "@" }))
        .standardizedFileURL
      let last = url.pathExtension == "gguf" ? url.deletingPathExtension() : url
      guard !text.isEmpty, !last.lastPathComponent.isEmpty, last.path != "/" else {
        throw UsageError("--adapter is \"\(text)\", \(expected)")
      }
      return (last.lastPathComponent, text)
    }
    guard sign != text.startIndex, text.index(after: sign) != text.endIndex else {
      throw UsageError("--adapter is \(text), \(expected)")
    }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }

  private static func bytes(_ text: String, _ flag: String) throws -> Int {
    guard let size = ByteCount(text) else {
      throw UsageError("\(flag) is \(text), expected a size such as 500MB or 2GB")
    }
    return size.bytes
  }
}
