import Foundation

/// A setting of a run as JSON keeps it.
enum RunSetting: Decodable {
  case truth(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([RunSetting])
  case table([String: RunSetting])
  case none

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .truth(value)
    } else if let value = try? container.decode(Int.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([RunSetting].self) {
      self = .list(value)
    } else if let value = try? container.decode([String: RunSetting].self) {
      self = .table(value)
    } else {
      self = .none
    }
  }

  /// The settings of a run's configuration by their names, without those that are not set.
  static func facts(_ json: String) -> [WatchedRun.Fact] {
    let found = try? JSONDecoder().decode([String: RunSetting].self, from: Data(json.utf8))
    var all = found ?? [:]
    if case .table(let settings)? = all.removeValue(forKey: "settings") {
      // What the configuration says of a setting is what became of it, and the model is told as the base.
      for (name, setting) in settings where name != "model" && all[name]?.text == nil {
        all[name] = setting
      }
    }
    return all.sorted { $0.key < $1.key }.compactMap { name, setting in
      setting.text.map { WatchedRun.Fact(name.replacing("_", with: " "), $0) }
    }
  }

  private var text: String? {
    switch self {
    case .truth(let value): value ? "yes" : "no"
    case .whole(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let values):
      values.isEmpty ? nil : values.compactMap(\.text).joined(separator: ", ")
    case .table(let values):
      values.isEmpty
        ? nil
        : values.sorted { $0.key < $1.key }.compactMap { key, value in
          value.text.map { "\(key) \($0)" }
        }.joined(separator: ", ")
    case .none: nil
    }
  }
}
