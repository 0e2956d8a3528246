import Foundation
import LowRank
import LowRankHTTP
import LowRankKeys

/// The list of models, and loading and unloading of adapters.
struct AdapterEndpoints: Sendable {
  let context: ServingContext

  /// `GET /v1/models`.
  func models(key: APIKeys.Key) -> HTTPResponse {
    var data: [JSONValue] = key.usesBase ? [entry(context.name, context.created, parent: nil)] : []
    for adapter in context.library.list() where key.allows(adapter.name) {
      data.append(entry(adapter.name, adapter.created, parent: context.name))
    }
    return APIResponse.json(["object": "list", "data": .array(data)])
  }

  /// `GET /v1/models/{model}`.
  func model(_ id: String, key: APIKeys.Key) throws -> HTTPResponse {
    let name = context.nameServed(as: id)
    if name == context.name, key.usesBase {
      return APIResponse.json(entry(id, context.created, parent: nil))
    }
    guard key.allows(name), context.library.contains(name),
      let adapter = context.library.list().first(where: { $0.name == name })
    else { throw ServingError.unknownAdapter(id) }
    return APIResponse.json(entry(id, adapter.created, parent: context.name))
  }

  private func entry(_ id: String, _ created: Date, parent: String?) -> JSONValue {
    [
      "id": .string(id), "object": "model",
      "created": .integer(Int(created.timeIntervalSince1970)), "owned_by": "lowrank",
      "root": .string(id), "parent": parent.map { .string($0) } ?? .null,
      "max_model_len": .integer(context.longest), "task": .string(task),
    ]
  }

  /// What the server does with texts: `generate`, or the name of its task.
  private var task: String {
    guard let encoder = context.encoder else { return "generate" }
    let task: ServingTask =
      switch encoder.task {
      case .embeddings: .embeddings
      case .classification: .classification
      }
    return task.rawValue
  }

  /// `GET /lora-adapters`, as llama.cpp has it; the scales are those of requests that name none.
  func numbered(key: APIKeys.Key) -> HTTPResponse {
    let list = context.library.list().filter { key.allows($0.name) }
    return APIResponse.json(
      .array(
        list.map { adapter in
          ["id": .integer(adapter.id), "path": .string(adapter.name), "scale": 0]
        }))
  }

  /// `POST /v1/load_lora_adapter`, as vLLM has it.
  func load(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    try requireAdmin(key)
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.loading)
    let name = try fields.string("lora_name")
    let path = try fields.string("lora_path")
    let replaces = try fields.bool("load_inplace", default: false)
    guard Self.isName(name) else {
      throw APIError.invalid(
        "lora_name", "\"lora_name\" must be 1 to 255 bytes without control characters.")
    }
    guard name != context.name else {
      throw APIError.invalid("lora_name", "\"lora_name\" is the name of the base.")
    }
    guard let place = try place(path) else {
      throw APIError(.notFound, "There is no adapter at \"lora_path\".", parameter: "lora_path")
    }
    if context.library.contains(name), !replaces, context.library.inFolder(name) != place {
      throw APIError.invalid(
        "lora_name", "The adapter '\(name)' exists; unload it first, or give \"load_inplace\".")
    }
    do {
      try await context.library.load(
        name, at: place, replacing: replaces || context.library.contains(name))
    } catch ServingError.brokenAdapter(let name, let reason) {
      throw APIError(
        .badRequest, ServingError.brokenAdapter(name: name, reason: reason).description,
        parameter: "lora_path")
    }
    return APIResponse.bytes(
      Array("Success: LoRA adapter '\(name)' added successfully.".utf8), type: "text/plain")
  }

  /// `POST /v1/unload_lora_adapter`, as vLLM has it.
  func unload(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    try requireAdmin(key)
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.unloading)
    let name = try fields.string("lora_name")
    try context.library.unload(name)
    return APIResponse.bytes(
      Array("Success: LoRA adapter '\(name)' removed successfully.".utf8), type: "text/plain")
  }

  private func requireAdmin(_ key: APIKeys.Key) throws(APIError) {
    guard key.isAdmin else { throw APIError(.forbidden, "This key may not change adapters.") }
  }

  /// The folder in the library's that a client means by its name, or by its path; nil where there is none.
  private func place(_ path: String) throws(APIError) -> URL? {
    guard let folder = context.library.folder else {
      throw APIError(
        .forbidden,
        "Adapters are loaded from the folder of \(setting: "adapters"), which was not given.")
    }
    if let entry = entry(path, in: folder) { return entry }
    let inside = folder.resolvingSymlinksInPath().standardizedFileURL.path
    let asked = path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
    let found = asked.resolvingSymlinksInPath().standardizedFileURL
    guard found.path.hasPrefix(inside.hasSuffix("/") ? inside : inside + "/") else {
      throw APIError(
        .forbidden, "\"lora_path\" must lie in the folder of \(setting: "adapters").",
        parameter: "lora_path")
    }
    return FileManager.default.fileExists(atPath: found.path) ? found : nil
  }

  /// The entry of the library's folder that a path names, wherever it leads: whoever put a link there had it served.
  private func entry(_ path: String, in folder: URL) -> URL? {
    var name = path
    if path.hasPrefix("/") {
      let url = URL(filePath: path)
      guard Self.real(url.deletingLastPathComponent()) == Self.real(folder) else { return nil }
      name = url.lastPathComponent
    }
    // A name has no slash in it and does not begin with a dot.
    guard let entry = context.library.inFolder(name),
      FileManager.default.fileExists(atPath: entry.path)
    else { return nil }
    return entry
  }

  private static func real(_ url: URL) -> String {
    url.resolvingSymlinksInPath().standardizedFileURL.path
  }

  private static func isName(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F }
  }
}
