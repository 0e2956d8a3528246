import Foundation
import LowRank

/// What became of one run of an experiment.
public struct RunRecord: Hashable, Sendable {
  /// The run's name, which no other has.
  public let name: String
  /// The variant's name.
  public let variant: String
  /// What the run chose, by the names of settings.
  public var choices: JSONObject
  /// The settings of the run, without its place.
  public var settings: JSONObject
  /// The highest learning rate.
  public let rate: Double
  /// The seed.
  public let seed: Int
  /// The steps of the run.
  public let steps: Int
  /// Whether it only tried a rate, for successive halving.
  public let isTrial: Bool
  /// The numbers that were trained; nil where the run did not begin.
  public var parameters: Int?
  /// The seconds of training steps.
  public var seconds = 0.0
  /// What validation found of what is kept, by metric.
  public var valid: [String: Double] = [:]
  /// What the held-out rows say, by metric; empty where the run was not chosen.
  public var test: [String: Double] = [:]
  /// The loss on other data before and after training.
  public var otherLoss: (before: Double, after: Double)?
  /// The validation loss after steps.
  public var curve: [(step: Int, loss: Double)] = []
  /// Why the run failed; nil where it did not.
  public var failure: String?
  /// Whether it failed because its numbers grew without bound, which another try would only repeat.
  public var hasDiverged = false

  public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// A run that has not begun.
  init(_ run: PlannedRun) {
    (name, variant) = (run.name, run.variant.variant.name)
    (choices, settings) = (run.variant.choices, run.comparedSettings)
    (rate, seed, steps, isTrial) = (run.rate, run.seed, run.steps, run.isTrial)
  }

  /// The value of a metric on validation rows; not a number where there is none.
  func valid(_ metric: Metric) -> Double { valid[metric.rawValue] ?? .nan }
}

extension RunRecord {
  /// Reads a record.
  ///
  /// - Throws: `JSONError`.
  init(_ file: JSONFile) throws {
    name = try file.string("name")
    variant = try file.string("variant")
    choices = try file.object("choices").object
    settings = try file.object("settings").object
    rate = try file.double("learning_rate")
    (seed, steps) = (try file.integer("seed"), try file.integer("steps"))
    isTrial = try file.bool("trial")
    parameters = try file.optionalInteger("parameters")
    seconds = try file.double("seconds")
    func values(_ key: String) throws -> [String: Double] {
      var found: [String: Double] = [:]
      for (name, value) in try file.object(key).object.entries { found[name] = value.double }
      return found
    }
    (valid, test) = (try values("valid"), try values("test"))
    if let other = try file.optionalObject("other_loss") {
      otherLoss = (try other.double("before"), try other.double("after"))
    }
    curve = try file.array("curve").compactMap { point in
      guard let pair = point.array, pair.count == 2, let step = pair[0].integer,
        let loss = pair[1].double
      else { return nil }
      return (step, loss)
    }
    failure = try file.optionalString("failed")
    hasDiverged = try file.bool("diverged", default: false)
  }

  /// The record as JSON.
  public var json: JSONObject {
    func values(_ found: [String: Double]) -> JSONValue {
      .object(JSONObject(found.sorted { $0.key < $1.key }.map { ($0.key, .double($0.value)) }))
    }
    return [
      "name": .string(name), "variant": .string(variant), "choices": .object(choices),
      "settings": .object(settings), "learning_rate": .double(rate), "seed": .integer(seed),
      "steps": .integer(steps), "trial": .bool(isTrial),
      "parameters": parameters.map { .integer($0) } ?? .null, "seconds": .double(seconds),
      "valid": values(valid), "test": values(test),
      "other_loss": otherLoss.map {
        ["before": .double($0.before), "after": .double($0.after)]
      } ?? .null,
      "curve": .array(curve.map { .array([.integer($0.step), .double($0.loss)]) }),
      "failed": failure.map { .string($0) } ?? .null, "diverged": .bool(hasDiverged),
    ]
  }
}
