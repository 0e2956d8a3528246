import CLAPACK

/// The OpenBLAS that decompositions and products of plain matrices are computed by.
///
/// It has kernels for many processors and picks some when it is loaded, by the model number of the processor; a version that
/// does not know the model takes the slowest. The variable `OPENBLAS_CORETYPE` names others, and is read only then: the
/// program `lowrank` sees to it itself, other programs are started with it.
public struct LinearAlgebraLibrary: Hashable, Sendable {
  /// The version, such as `0.3.21`.
  public let version: String
  /// The kernels in use, by the processor that they were written for, such as `SkylakeX`.
  public let kernels: String
  /// Whether it was built with the kernels of several processors.
  public let hasSeveralKernels: Bool

  /// A library, as `openblas_get_config` and `openblas_get_corename` describe it.
  package init(config: String, kernels: String) {
    let words = config.split(separator: " ")
    version = words.dropFirst().first.map(String.init) ?? ""
    hasSeveralKernels = words.contains("DYNAMIC_ARCH")
    self.kernels = kernels
  }

  /// The one that is loaded.
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

  /// The instructions of its kernels; nil where their name is not known.
  package var instructions: InstructionSet? { InstructionSet(ofKernels: kernels) }

  /// Whether the version is at least this one.
  func isAtLeast(_ wanted: [Int]) -> Bool {
    let parts = version.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    return !parts.lexicographicallyPrecedes(wanted)
  }
}

/// How wide the instructions are that kernels use; more is faster.
package enum InstructionSet: Int, Comparable, Sendable {
  case sse, avx, avx2, avx512

  package static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }

  /// Those of OpenBLAS's kernels for a processor.
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
