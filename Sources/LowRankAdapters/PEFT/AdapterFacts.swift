import LowRankCheckpoints
import LowRankTransformers

/// What we know of an adapter beyond PEFT's configuration.
///
/// It is kept in the metadata of the safetensors file and, for people, in `lowrank.json` beside it. PEFT ignores both.
package struct AdapterFacts: Hashable, Sendable {
  /// The version of the tool that wrote it.
  var version = AdapterFacts.version
  /// The fingerprint of the base it was trained on.
  var fingerprint: String?
  /// The identity of that base, which other storages of the model share.
  var identity: String?
  /// The least rank at which the leading directions of every module can be used alone; nil where only all of them make sense.
  package var nestedFrom: Int?
  /// How many tensors of that base are stored as each type.
  var storage: String?
  /// What it was trained for: the task with its classes and columns, as the trainer wrote them down.
  var task: JSONObject?
  /// The slices of fused maps that are adapted, by path: role and outputs.
  var slices: [String: [Site.Slice]] = [:]
  /// The extents of the adapted maps, by path, where the factors are not all that there is to the update.
  var extents: [String: MapExtents] = [:]
  /// The type of the method whose own factors lie beside the LoRA that equals them; nil where the file holds the method itself.
  var native: String?

  /// The version of LowRank.
  package static let version = "0.1.0"
  static let metadataKey = "lowrank"
  static let fileName = "lowrank.json"

  /// The facts of an adapter on a base.
  ///
  /// - Throws: what reading the base's files throws.
  init(base: ModelFolder?, task: JSONObject? = nil, slices: [String: [Site.Slice]] = [:]) throws {
    self.init(fingerprint: nil, task: task, slices: slices)
    if let base { try record(base) }
  }

  /// Records the base.
  ///
  /// - Throws: what reading the base's files throws.
  mutating func record(_ base: ModelFolder) throws {
    fingerprint = try base.fingerprint().description
    identity = try base.identity().description
    storage = base.storageText
  }

  init(fingerprint: String?, task: JSONObject? = nil, slices: [String: [Site.Slice]]) {
    self.fingerprint = fingerprint
    self.task = task
    self.slices = slices
  }

  var json: JSONObject {
    var slices = JSONObject()
    for (path, parts) in self.slices.sorted(by: { $0.key < $1.key }) {
      slices[path] = .array(
        parts.map { part in
          .array([
            .string(part.role.rawValue), .integer(part.outputs.lowerBound),
            .integer(part.outputs.upperBound),
          ])
        })
    }
    var json: JSONObject = [
      "version": .string(version), "base_fingerprint": fingerprint.map { .string($0) } ?? .null,
      "slices": .object(slices),
    ]
    if let identity { json["base_identity"] = .string(identity) }
    if let storage { json["base_storage"] = .string(storage) }
    if let task { json["task"] = .object(task) }
    if let native { json["native"] = .string(native) }
    if !extents.isEmpty {
      json["extents"] = .object(
        extents.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { object, entry in
          object[entry.key] = .array([.integer(entry.value.outputs), .integer(entry.value.inputs)])
        })
    }
    if let nestedFrom { json["nested_from"] = .integer(nestedFrom) }
    return json
  }

  /// Reads the facts of a file's metadata; none where another tool wrote it.
  ///
  /// - Throws: `JSONError` where they are there and broken.
  init?(metadata: JSONObject, file: String) throws {
    guard let text = metadata[Self.metadataKey]?.string else { return nil }
    let source = "\(file), metadata \"\(Self.metadataKey)\""
    let value = try JSONValue(parsing: text, from: source)
    guard let object = value.object else {
      throw JSONError(source: source, problem: "must be an object, found \(value.kind)")
    }
    let section = JSONSection(object, of: source)
    version = try section.string("version")
    nestedFrom = try section.optionalInteger("nested_from")
    fingerprint = try section.optionalString("base_fingerprint")
    identity = try section.optionalString("base_identity")
    storage = try section.optionalString("base_storage")
    task = try section.optionalObject("task")?.object
    native = try section.optionalString("native")
    if let table = try section.optionalObject("extents") {
      for path in table.allKeys {
        let numbers = try table.array(path).compactMap(\.integer)
        guard numbers.count == 2, numbers.allSatisfy({ $0 > 0 }) else {
          throw table.mismatch(path, expected: "[outputs, inputs]")
        }
        extents[path] = MapExtents(outputs: numbers[0], inputs: numbers[1])
      }
    }
    guard let table = try section.optionalObject("slices") else { return }
    for path in table.allKeys {
      slices[path] = try table.array(path).map { entry in
        guard let parts = entry.array, parts.count == 3,
          let role = parts[0].string.flatMap(Site.Role.init(rawValue:)),
          let first = parts[1].integer, let end = parts[2].integer, first >= 0, first < end
        else { throw table.mismatch(path, expected: "slices as [role, first, end]") }
        return Site.Slice(role: role, outputs: first..<end)
      }
    }
  }
}
