import Foundation
import LowRank
import LowRankHub

/// The settings of a run for a card, as lines of the YAML file that `lowrank train -c` reads.
///
/// Of a place on this machine, only the last name is said.
enum CardSettings {
  private static let places: [RunKey] = [
    .model, .config, .tokenizer, .data, .trainFile, .validFile, .testFile, .initAdapter,
    .chatTemplate,
  ]

  /// A line for each setting.
  ///
  /// - Parameter base: the name of the model on the hub; nil for a model that has none there.
  static func rows(_ settings: JSONObject, base: String?) -> [ModelCard.Row] {
    settings.entries.compactMap { key, value in
      // What is trained is a verb of its own, and no key.
      guard let setting = RunKey(rawValue: key) else { return nil }
      return ModelCard.Row(key, text(of: value, setting, base))
    }
  }

  private static func text(of value: JSONValue, _ key: RunKey, _ base: String?) -> String {
    if key == .model, let base { return YAMLText.scalar(base) }
    if var choice = value.object, MethodChoice(value) != nil {
      let options = (choice["options"]?.object ?? [:]).entries
      choice["options"] = .object(
        JSONObject(options.map { ($0.key, $0.value.string.map { .string(name($0)) } ?? $0.value) }))
      return YAMLText.scalar(MethodChoice(.object(choice))?.description ?? "")
    }
    if let items = value.array {
      return
        "[\(items.map { $0.string.map(YAMLText.scalar) ?? $0.text() }.joined(separator: ", "))]"
    }
    guard let text = value.string else { return value.text() }
    return YAMLText.scalar(places.contains(key) ? name(text) : text)
  }

  /// The last name of a path.
  private static func name(_ path: String) -> String {
    path.contains("/") ? URL(filePath: path).standardizedFileURL.lastPathComponent : path
  }
}
