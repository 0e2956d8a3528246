import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that say how adapters are combined.
struct CombinationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      sum: the exact sum, whose rank is the sum of the ranks. cat, svd, linear, ties, ties_svd, dare_linear, dare_linear_svd, dare_ties, dare_ties_svd, \
      magnitude_prune, magnitude_prune_svd: as PEFT's add_weighted_adapter.
      """, valueName: "mode"), completion: .mode)
  var mode: String = "sum"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The rank of sum, svd and *_svd. (default: for sum the sum of the ranks, else the largest rank)
      """, valueName: "r"))
  var rank: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of elements that ties, dare and prune keep.", valueName: "share"))
  var density: Double?

  @Option(
    help: ArgumentHelp(
      "How signs are elected, total or frequency, in modes with ties. (default: total)",
      valueName: "way"), completion: .list(["total", "frequency"]))
  var majoritySign: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of what dare drops. (default: 0)", valueName: "n"))
  var seed: UInt64?

  /// The mode asked for, with its numbers.
  ///
  /// - Throws: `UsageError` where a flag is missing, makes no sense, or belongs to another mode.
  func mode(of adapters: [WeightedAdapter]) throws -> any CombinationMode {
    let largest = adapters.map(\.adapter.rank).max() ?? 1
    switch mode {
    case "sum": return ExactSum(of: adapters)
    case "cat": return Concatenation()
    case "svd": return TruncatedSum(rank: rank ?? largest)
    default:
      guard let mode = PEFTMode(rawValue: mode) else { throw unknown }
      return mode.mode(
        density: density ?? 1, election: try election(), seed: seed ?? 0, rank: rank ?? largest)
    }
  }

  /// Refuses flags that the mode has no use for, before anything is read.
  func check() throws {
    let known = PEFTMode(rawValue: mode)
    guard known != nil || ["sum", "cat", "svd"].contains(mode) else { throw unknown }
    func only(_ flag: String, _ isGiven: Bool, _ isUsed: Bool, _ modes: String) throws {
      if isGiven && !isUsed {
        throw UsageError("\(flag) has no effect with --mode \(mode); it belongs to \(modes)")
      }
    }
    let ranked = ["sum", "svd"].contains(mode) || known?.isUpdateMerge == true
    try only("--rank", rank != nil, ranked, "sum, svd and modes that end in svd")
    try only("--density", density != nil, known?.prunes == true, "ties, dare and magnitude_prune")
    try only("--majority-sign", majoritySign != nil, known?.votes == true, "modes with ties")
    try only("--seed", seed != nil, known?.isRandom == true, "modes with dare")
    try Bounds.check(rank, "--rank", to: 65_536)
    _ = try election()
    if known?.prunes == true {
      guard let density else { throw UsageError("--density is missing; --mode \(mode) needs it") }
      guard density > 0, density <= 1 else {
        throw UsageError("--density is \(density), expected a share above 0 and at most 1")
      }
    }
  }

  private func election() throws -> SignElection {
    guard let majoritySign else { return .total }
    guard let election = SignElection(rawValue: majoritySign) else {
      throw UsageError.value(
        majoritySign, of: "--majority-sign", expected: ["total", "frequency"])
    }
    return election
  }

  private var unknown: UsageError {
    let names = ["sum", "cat", "svd"] + PEFTMode.allCases.map(\.rawValue)
    return UsageError.value(mode, of: "--mode", expected: names)
  }
}

/// An adapter with its weight as it stands on the command line, `ADAPTER` or `ADAPTER=WEIGHT`.
struct WeightedPath {
  let path: String
  let weight: Double

  /// The last `=` is before the weight, but in the name of something that is there.
  ///
  /// - Throws: `UsageError` where the weight is no number.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count > 1, !FileManager.default.fileExists(atPath: text), let last = parts.last
    else {
      try Self.checkColon(in: text)
      (path, weight) = (text, 1)
      return
    }
    path = parts.dropLast().joined(separator: "=")
    guard let weight = Double(last), weight.isFinite else {
      throw UsageError("the weight of \(path) is \"\(last)\", expected a finite number")
    }
    guard !path.isEmpty else { throw UsageError("\"\(text)\" names no adapter before its weight") }
    self.weight = weight
  }

  /// Refuses a weight behind a colon, which neither paths that exist nor names on the hub have there.
  private static func checkColon(in text: String) throws {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
      !FileManager.default.fileExists(atPath: text)
    else { return }
    let weight = text[text.index(after: colon)...]
    guard Double(weight)?.isFinite == true else { return }
    throw UsageError("\(text) does not exist; write \(text[..<colon])=\(weight)")
  }
}
