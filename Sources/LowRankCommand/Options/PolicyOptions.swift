import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that say how far an adapter is compressed; one of them is given.
struct PolicyOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "PARA: the share of all singular values to keep, largest first.",
      valueName: "share"))
  var keep: ShareValue?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "PARA: the share of the energy of all modules to keep, as 0.9 or 90%. (default of compress: 0.99, where no policy is given)",
      valueName: "share"))
  var energy: ShareValue?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep singular values of at least this.", valueName: "x"))
  var threshold: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "At most n parameters; components with the most energy per parameter are kept first.",
      valueName: "n"))
  var parameters: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A file of at most this size, as 500KB or 2MB; components with the most energy per byte are kept first.",
      valueName: "size"))
  var size: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same rank for every module, for comparison.", valueName: "r"))
  var uniform: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same share of its own energy for every module, for comparison.", valueName: "share"))
  var perModuleEnergy: ShareValue?

  /// The flags that were given.
  var given: [String] {
    [
      keep.map { _ in "--keep" }, energy.map { _ in "--energy" },
      threshold.map { _ in "--threshold" }, parameters.map { _ in "--parameters" },
      size.map { _ in "--size" }, uniform.map { _ in "--uniform" },
      perModuleEnergy.map { _ in "--per-module-energy" },
    ].compactMap { $0 }
  }

  /// The names of the policies, as flags have them.
  static let names = [
    "keep", "energy", "threshold", "parameters", "size", "uniform", "per-module-energy",
  ]

  /// The share of the energy that `compress` keeps if no policy is given.
  static let defaultEnergy = 0.99

  /// The policy as it is given, with its value; the default of `compress` if there is none.
  var text: String {
    func text(_ flag: String, _ value: Any?) -> String? { value.map { "\(flag) \($0)" } }
    return text("--keep", keep) ?? text("--energy", energy) ?? text("--threshold", threshold)
      ?? text("--parameters", parameters) ?? text("--size", size) ?? text("--uniform", uniform)
      ?? text("--per-module-energy", perModuleEnergy) ?? "--energy \(Self.defaultEnergy)"
  }

  /// The policy asked for; by default 99 % of the energy is kept.
  ///
  /// - Throws: `UsageError` where there are several, or a number makes no sense.
  func policy(for adapter: StoredAdapter) throws -> any RankPolicy {
    if let size, given.count < 2 {
      guard let bytes = ByteCount(size)?.bytes else {
        throw UsageError("--size is \"\(size)\", expected a size above 0 as 500KB or 2MB")
      }
      return FileBudget(bytes, for: adapter)
    }
    return try policy() ?? GlobalEnergy(share: Self.defaultEnergy)
  }

  /// Refuses a budget in which not even the component fits that is kept first.
  ///
  /// - Parameter flag: the text before the value of a policy, by its name.
  /// - Throws: `UsageError` with the least that would do, and what takes it.
  func checkBudget(
    of policy: any RankPolicy, for spectra: [Spectrum],
    as flag: (String) -> String = { "--\($0) " }
  ) throws {
    if let size, let budget = policy as? FileBudget, let least = budget.least(for: spectra),
      budget.ranks(for: spectra).allSatisfy({ $0 == 0 })
    {
      throw UsageError(
        """
        \(flag("size"))\(size) is too small: the smallest file takes \(AdapterFileSize.text(least.bytes)), \
        \(AdapterFileSize.text(least.fixed)) of it for metadata and tensors without ranks, the rest for \
        \(Self.atRankOne(least.modules, of: spectra)); give \(flag("size"))\(AdapterFileSize.flag(atLeast: least.bytes)) or more
        """)
    }
    if let budget = policy as? ParameterBudget, budget.ranks(for: spectra).allSatisfy({ $0 == 0 }) {
      let first = budget.first(of: spectra)
      guard !first.isEmpty else { return }
      throw UsageError(
        """
        \(flag("parameters"))\(budget.parameters) is too small: the smallest adapter takes \
        \(first.reduce(0) { $0 + spectra[$1].parametersPerRank }), for \(Self.atRankOne(first, of: spectra))
        """)
    }
  }

  /// The modules of the smallest adapter in words: one by its path, several as those that DoRA's magnitudes keep.
  private static func atRankOne(_ modules: [Int], of spectra: [Spectrum]) -> String {
    modules.count == 1
      ? "\(spectra[modules[0]].path) at rank 1"
      : "\(modules.count) modules at rank 1, all of which keep DoRA's magnitudes"
  }

  /// The policy asked for, none by default; one by the size of a file needs an adapter.
  ///
  /// - Throws: `UsageError` where there are several, or a number makes no sense.
  func policy() throws -> (any RankPolicy)? {
    guard given.count < 2 else {
      throw UsageError("\(given.joined(separator: " and ")) contradict each other; give one")
    }
    if let energy { return GlobalEnergy(share: try share(energy, "--energy")) }
    if let threshold {
      guard threshold >= 0, threshold.isFinite else {
        throw UsageError("--threshold is \(threshold), expected 0 or more")
      }
      return SpectralThreshold(threshold)
    }
    if let parameters {
      try check(parameters, "--parameters")
      return ParameterBudget(parameters)
    }
    if let uniform {
      try check(uniform, "--uniform")
      return UniformRank(uniform)
    }
    if let perModuleEnergy {
      return ModuleEnergy(share: try share(perModuleEnergy, "--per-module-energy"))
    }
    return try keep.map { RankBudget(share: try share($0, "--keep")) }
  }

  private func share(_ share: ShareValue, _ flag: String) throws -> Double {
    guard share.value > 0, share.value <= 1 else {
      throw UsageError(
        "\(flag) is \(share), expected a share above 0 and at most 1, as 0.9 or 90%")
    }
    return share.value
  }

  private func check(_ value: Int, _ flag: String) throws {
    guard value > 0 else { throw UsageError("\(flag) is \(value), expected at least 1") }
  }
}
