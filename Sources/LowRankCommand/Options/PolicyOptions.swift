import ArgumentParser
import Foundation
import LowRank

/// The flags that say how far an adapter is compressed; one of them is given.
struct PolicyOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "PARA: the share of all singular values to keep, largest first.",
      valueName: "share"))
  var keep: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "PARA: the share of the energy of all modules to keep. (compress without a policy: 0.99)",
      valueName: "share"))
  var energy: Double?

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
  var perModuleEnergy: Double?

  /// The flags that were given.
  var given: [String] {
    [
      keep.map { _ in "--keep" }, energy.map { _ in "--energy" },
      threshold.map { _ in "--threshold" }, parameters.map { _ in "--parameters" },
      size.map { _ in "--size" }, uniform.map { _ in "--uniform" },
      perModuleEnergy.map { _ in "--per-module-energy" },
    ].compactMap { $0 }
  }

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
  /// - Throws: `UsageError` with the least that would do, and what takes it.
  func checkBudget(of policy: any RankPolicy, for spectra: [Spectrum]) throws {
    if let size, let budget = policy as? FileBudget, let least = budget.least(for: spectra),
      budget.ranks(for: spectra).allSatisfy({ $0 == 0 })
    {
      throw UsageError(
        """
        --size \(size) is too small: the smallest file takes \(AdapterFileSize.text(least.bytes)), \
        \(AdapterFileSize.text(least.fixed)) of it for metadata and tensors without ranks, the rest for \
        \(spectra[least.module].path) at rank 1
        """)
    }
    if let budget = policy as? ParameterBudget, let first = budget.first(of: spectra),
      budget.ranks(for: spectra).allSatisfy({ $0 == 0 })
    {
      throw UsageError(
        """
        --parameters \(budget.parameters) is too small: the smallest adapter takes \
        \(spectra[first].parametersPerRank), for \(spectra[first].path) at rank 1
        """)
    }
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

  private func share(_ value: Double, _ flag: String) throws -> Double {
    guard value > 0, value <= 1 else {
      throw UsageError("\(flag) is \(value), expected a share above 0 and at most 1")
    }
    return value
  }

  private func check(_ value: Int, _ flag: String) throws {
    guard value > 0 else { throw UsageError("\(flag) is \(value), expected at least 1") }
  }
}

/// A number of bytes as people write it, in powers of 1000.
struct ByteCount {
  let bytes: Int

  init?(_ text: String) {
    let units = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)]
    let (digits, unit) =
      units.first { text.uppercased().hasSuffix($0.0) }
      .map { (String(text.dropLast($0.0.count)), $0.1) } ?? (text, 1)
    guard let number = Double(digits.trimmingCharacters(in: .whitespaces)), number > 0,
      number * unit < 1e18
    else { return nil }
    bytes = Int(number * unit)
  }
}
