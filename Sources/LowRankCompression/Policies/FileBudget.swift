import LowRankAdapters

/// A budget of bytes for PEFT's file: components in the order of energy for their cost, while they fit beside what
/// does not depend on ranks and the header of every module that is kept.
///
/// Where the least ranks do not fit, nothing is kept.
public struct FileBudget: RankPolicy {
  /// The most bytes of the file.
  public let bytes: Int
  private let fixed: Int
  private let bytesPerParameter: Int
  private let headers: [Int]
  private let isWhole: Bool

  /// A budget for an adapter, in the order of whose modules spectra are given.
  public init(_ bytes: Int, for adapter: StoredAdapter) {
    self.bytes = bytes
    fixed = adapter.byteCountWithoutModules
    bytesPerParameter = adapter.bytesPerParameter
    headers = adapter.modules.map { adapter.headerByteCount(of: $0) }
    isWhole = adapter.peftByteCount.map { $0 <= bytes } ?? false
  }

  /// The least file that this policy makes, and what takes its bytes.
  public struct Least: Hashable, Sendable {
    /// The bytes of the file.
    public let bytes: Int
    /// Those of them that no rank changes: metadata and tensors that are not factors.
    public let fixed: Int
    /// The places of the modules that are kept at rank 1: those with a least rank, or else the one that is kept first.
    public let modules: [Int]
  }

  /// The least file: what no rank changes, and the components that are kept first; nil if there is no component.
  public func least(for spectra: [Spectrum]) -> Least? {
    let pool = Self.order(of: spectra)
    let modules = Array(pool.modules.prefix(max(1, pool.least)))
    guard !modules.isEmpty else { return nil }
    let size = modules.reduce(0) {
      $0 + spectra[$1].parametersPerRank * bytesPerParameter + headers[$1]
    }
    return Least(bytes: fixed + size, fixed: fixed, modules: modules)
  }

  /// The components of all modules, those with the most energy for their cost first.
  private static func order(of spectra: [Spectrum]) -> ComponentPool {
    ComponentPool(spectra) { $0 * $0 / Double($1.parametersPerRank) }
  }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    precondition(spectra.count == headers.count, "\(spectra.count) spectra for \(headers.count)")
    guard !isWhole else { return spectra.map(\.values.count) }
    var (rest, ranks) = (bytes - fixed, [Int](repeating: 0, count: spectra.count))
    let pool = Self.order(of: spectra)
    for (place, module) in pool.modules.enumerated() {
      rest -= spectra[module].parametersPerRank * bytesPerParameter
      if ranks[module] == 0 { rest -= headers[module] }
      guard rest >= 0 else {
        // A part of the least ranks is no adapter.
        return place < pool.least ? [Int](repeating: 0, count: spectra.count) : ranks
      }
      ranks[module] += 1
    }
    return ranks
  }
}
