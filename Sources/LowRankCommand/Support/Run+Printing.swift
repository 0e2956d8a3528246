import Foundation
import LowRank
import LowRankRuns

extension Run {
  /// What is known of the run, without its configuration and metrics.
  var json: JSONObject {
    [
      "id": .integer(Int(id)), "outcome": .string(outcome.rawValue),
      "message": message.map { .string($0) } ?? .null,
      "started": .string(started.formatted(.iso8601)),
      "ended": ended.map { .string($0.formatted(.iso8601)) } ?? .null,
      "adapter": .string(facts.adapter), "task": .string(facts.task), "base": .string(facts.base),
      "base_fingerprint": facts.baseFingerprint.map { .string($0) } ?? .null,
      "data": .string(facts.data), "data_hash": .string(facts.dataHash),
      "steps": .integer(facts.steps), "first_step": .integer(facts.firstStep),
      "last_step": .integer(lastStep),
      "continues": facts.continues.map { .integer(Int($0)) } ?? .null,
    ]
  }

  /// The configuration, as text where it is no JSON.
  var configuration: JSONValue { Self.parsed(facts.configuration) }

  /// What defines the run, by key: the configuration, and those settings of the run that it does not have.
  var settings: [(key: String, value: String)] {
    guard var object = configuration.object, let all = object["settings"]?.object else {
      return configuration.leaves
    }
    object["settings"] = nil
    // The model is the run's base.
    for (key, value) in all.entries
    where key != "model" && (object[key] ?? .null) == .null { object[key] = value }
    return JSONValue.object(object).leaves
  }

  /// The versions, as text where they are no JSON.
  var versions: JSONValue { Self.parsed(facts.versions) }

  private static func parsed(_ text: String) -> JSONValue {
    (try? JSONValue(parsing: text, from: "the run store")) ?? .string(text)
  }
}

extension JSONValue {
  /// The values inside objects with their keys joined by dots, as text.
  var leaves: [(key: String, value: String)] {
    guard let object else { return [("", string ?? text())] }
    return object.entries.flatMap { key, value in
      value.leaves.map { inner, text in (inner.isEmpty ? key : "\(key).\(inner)", text) }
    }
  }
}

extension Date {
  /// The local time to the minute.
  var minute: String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm"
    return formatter.string(from: self)
  }
}

extension Double {
  /// A number for a table: whole ones in full, others with five digits.
  var short: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : String(format: "%.5g", self)
  }
}

extension String {
  /// A path without the current folder before it.
  var belowCurrentFolder: String {
    let current = FileManager.default.currentDirectoryPath + "/"
    return hasPrefix(current) ? String(dropFirst(current.count)) : self
  }
}
