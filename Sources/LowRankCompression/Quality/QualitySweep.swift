import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress

/// Quality against size over budgets, for PARA and for what it is compared with.
public struct QualitySweep: Sendable {
  /// One compressed adapter.
  public struct Point: Hashable, Sendable {
    /// How ranks were chosen.
    public let policy: String
    /// The parameters of the factors.
    public let parameters: Int
    /// The sum of the ranks.
    public let rank: Int
    /// How well it does on the data.
    public let quality: Quality

    init(policy: String, _ certificate: Certificate, _ quality: Quality) {
      self.policy = policy
      parameters = certificate.parametersAfter
      rank = certificate.rankAfter
      self.quality = quality
    }

    /// The mean loss on the data.
    public var loss: Double { quality.loss }

    /// The point as JSON.
    public var json: JSONObject {
      var json: JSONObject = [
        "policy": .string(policy), "parameters": .integer(parameters), "rank": .integer(rank),
        "loss": .double(loss),
      ]
      for (key, value) in quality.json.entries { json[key] = value }
      return json
    }
  }

  /// The points, by policy, the smallest adapter first.
  public let points: [Point]

  private static let shares = [0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75]
  private static let energies = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]

  /// Compresses and measures at some budgets of each policy.
  ///
  /// - Throws: `FileError`, and what compressing throws.
  public init(
    _ compression: Compression, _ meter: QualityMeter, reporting report: (Point) -> Void = { _ in }
  ) throws {
    let largest = compression.spectra.map(\.values.count).max() ?? 1
    let uniform = Set(Self.shares.map { max(1, Int(($0 * Double(largest)).rounded())) }).sorted()
    let policies: [(String, [any RankPolicy])] = [
      ("para", Self.shares.map { RankBudget(share: $0) }),
      ("cost-aware", Self.budgets(compression).map { ParameterBudget($0) }),
      ("uniform", uniform.map { UniformRank($0) }),
      ("per-module-energy", Self.energies.map { ModuleEnergy(share: $0) }),
    ]
    var points: [Point] = []
    let work = Work("sweeping", of: policies.reduce(0) { $0 + $1.1.count }, .points)
    defer { work.end() }
    for (name, policies) in policies {
      for policy in policies {
        work.detail = name
        defer { work.advance() }
        let ranks = policy.ranks(for: compression.spectra)
        guard ranks.contains(where: { $0 > 0 }) else { continue }
        let (draft, certificate) = try compression.keeping(ranks)
        let point = Point(policy: name, certificate, try meter.quality(of: draft))
        report(point)
        points.append(point)
      }
    }
    self.points = points
  }

  private static func budgets(_ compression: Compression) -> [Int] {
    shares.map { Int($0 * Double(compression.adapter.factorParameters)) }
  }
}
