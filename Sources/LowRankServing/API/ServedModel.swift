import Foundation
import LowRank

/// The model that a request names, with the rights and texts that belong to it.
struct ServedModel: Sendable {
  /// The name that answers have.
  let id: String
  let mix: AdapterMix
  let leases: [AdapterLease]
  let texts: ServedTexts
  /// The number of tokens that it knows.
  let vocabulary: Int
}

extension ServingContext {
  /// The model that a request names in its field `model`, with the adapters of its field `lora` added.
  ///
  /// - Throws: ``APIError``, ``ServingError``, `JSONError`.
  func model(_ fields: RequestFields, for key: APIKeys.Key) async throws -> ServedModel {
    let asked = try fields.optionalString("model") ?? name
    let chosen = nameServed(as: asked)
    var parts: [(adapter: String, scale: Float)] = []
    if chosen != name {
      guard key.allows(chosen), library.contains(chosen) else {
        throw ServingError.unknownAdapter(asked)
      }
      guard fields["lora"] == nil || fields["lora"] == .null else {
        throw APIError.invalid("lora", "\"lora\" goes with the base as \"model\".")
      }
      parts.append((chosen, 1))
    } else {
      parts = try mixture(fields, for: key)
      guard key.usesBase || !parts.isEmpty else { throw ServingError.unknownAdapter(asked) }
    }
    var leases: [AdapterLease] = []
    for part in parts { leases.append(try await library.lease(part.adapter, beside: leases)) }
    let mix = AdapterMix(
      parts: zip(leases, parts).map { .init(version: $0.version, scale: $1.scale) })
    let isPlain = mix.parts.count == 1 && mix.parts[0].scale == 1
    if !isPlain, let other = mix.parts.first(where: { !$0.version.isMixed }) {
      throw ServingError.cannotMix(other.version.name)
    }
    let own = isPlain ? mix.parts[0].version : nil
    let vocabulary: Int
    if case .alone(let model, _, _) = own?.use {
      vocabulary = model.architecture.vocabularySize
    } else {
      vocabulary = bases.model.architecture.vocabularySize
    }
    return ServedModel(
      id: asked, mix: mix, leases: leases, texts: own?.texts ?? texts, vocabulary: vocabulary)
  }

  /// The adapter or the base that a client means: SGLang's clients name an adapter as `base:adapter`.
  func nameServed(as asked: String) -> String {
    guard !library.contains(asked), asked.hasPrefix(name + ":") else { return asked }
    return String(asked.dropFirst(name.count + 1))
  }

  /// llama.cpp's `lora`: a list of adapters by number with their scales.
  private func mixture(
    _ fields: RequestFields, for key: APIKeys.Key
  ) throws -> [(adapter: String, scale: Float)] {
    guard fields["lora"] != nil, fields["lora"] != .null else { return [] }
    let names = Dictionary(
      uniqueKeysWithValues: library.list().filter { key.allows($0.name) }.map { ($0.id, $0.name) })
    var seen: Set<Int> = []
    return try fields.objects("lora").compactMap { entry in
      for name in entry.allKeys where name != "id" && name != "scale" {
        throw APIError.invalid("lora", "\"lora\" has an entry with the unknown field \"\(name)\".")
      }
      let (id, scale) = (try entry.integer("id"), try entry.double("scale", default: 1))
      guard let adapter = names[id] else {
        throw APIError.invalid("lora", "\"lora\" names the adapter \(id), which does not exist.")
      }
      guard seen.insert(id).inserted, scale.isFinite, abs(scale) <= 1e4 else {
        throw APIError.invalid(
          "lora", "\"lora\" must name each adapter once, with a scale of at most 10000.")
      }
      // An adapter with a scale near 0 is the base.
      guard key.usesBase || scale == 1 else {
        throw APIError.invalid(
          "lora", "\"lora\" must have the scale 1, since this key may not use the base.")
      }
      return Float(scale) == 0 ? nil : (adapter, Float(scale))
    }
  }
}
