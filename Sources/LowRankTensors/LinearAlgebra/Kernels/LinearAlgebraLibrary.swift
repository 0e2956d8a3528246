import CLAPACK

/// The OpenBLAS library that computes decompositions and products of host matrices.
///
/// OpenBLAS has kernels for many processors and selects them when it is loaded, by the processor's model number; a
/// version that does not know the model selects the slowest kernels. The variable `OPENBLAS_CORETYPE` selects others,
/// but is only read at that time: the program `lowrank` restarts itself to set it, and other programs must be started
/// with it.
public struct LinearAlgebraLibrary: Hashable, Sendable {
  /// The version, such as `0.3.21`.
  public let version: String
  /// The name of the kernels in use, after the processor that they were written for, such as `SkylakeX`.
  public let kernels: String
  /// Whether the library contains the kernels of several processors.
  public let hasSeveralKernels: Bool

  /// Creates a library from the results of `openblas_get_config` and `openblas_get_corename`.
  package init(config: String, kernels: String) {
    let words = config.split(separator: " ")
    version = words.dropFirst().first.map(String.init) ?? ""
    hasSeveralKernels = words.contains("DYNAMIC_ARCH")
    self.kernels = kernels
  }

  /// The library that is loaded.
  public static let loaded = LinearAlgebraLibrary(
    config: String(cString: openblas_get_config()),
    kernels: String(cString: openblas_get_corename()))

  /// The same library with other kernels.
  func with(kernels: String) -> LinearAlgebraLibrary {
    LinearAlgebraLibrary(version: version, kernels: kernels, hasSeveralKernels: hasSeveralKernels)
  }

  private init(version: String, kernels: String, hasSeveralKernels: Bool) {
    (self.version, self.kernels) = (version, kernels)
    self.hasSeveralKernels = hasSeveralKernels
  }

  /// The instruction set of the kernels; nil if their name is unknown.
  package var instructions: InstructionSet? { InstructionSet(ofKernels: kernels) }

  /// Whether the version is at least this one.
  func isAtLeast(_ wanted: [Int]) -> Bool {
    let parts = version.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    return !parts.lexicographicallyPrecedes(wanted)
  }
}

/// The instruction set of kernels, in increasing order of vector width.
package enum InstructionSet: Int, Comparable, Sendable {
  case sse, avx, avx2, avx512

  package static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }

  /// The instruction set of OpenBLAS's kernels for a processor.
  package init?(ofKernels name: String) {
    switch name.lowercased() {
    case "skylakex", "cooperlake", "sapphirerapids": self = .avx512
    case "haswell", "zen", "excavator": self = .avx2
    case "sandybridge", "bulldozer", "piledriver", "steamroller": self = .avx
    case "prescott", "core2", "penryn", "dunnington", "nehalem", "atom", "nano", "bobcat",
      "barcelona", "opteron", "opteron_sse3", "athlon", "katmai", "coppermine", "northwood",
      "banias":
      self = .sse
    default: return nil
    }
  }
}
