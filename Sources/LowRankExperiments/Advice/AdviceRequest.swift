import LowRank
import LowRankSessions

/// What advice is asked about.
public struct AdviceRequest: Sendable {
  /// The model, the data and where texts and labels stand in them; other settings are advised.
  public var settings: RunSettings
  /// The task; nil to find out.
  public var task: TrainingTask?
  /// The most memory that the run may hold, as `8GB`.
  public var memory: String?
  /// The most seconds that the run may take.
  public var seconds: Double?
  /// The most trained parameters.
  public var parameters: Int?
  /// The seconds for a probe of learning rates; nil for none.
  public var probe: Double?

  /// Advice about a run.
  public init(_ settings: RunSettings) { self.settings = settings }

  /// Seconds of a text as `1h`, `5m`, `90s` or `1.5h`; nil where it is none.
  public static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["h": 3600, "m": 60, "s": 1]
    guard let last = text.last else { return nil }
    let number = units[last] == nil ? Double(text) : Double(text.dropLast())
    return number.flatMap { $0 > 0 && $0.isFinite ? $0 * (units[last] ?? 1) : nil }
  }

  /// A number as `500k`; nil where it is none above 0.
  public static func number(_ text: String) -> Int? {
    ExperimentBudget.number(.string(text)).flatMap { $0 >= 1 ? Int($0) : nil }
  }
}
