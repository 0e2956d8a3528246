/// The OpenBLAS kernels to use where the library's own choice is worse, as environment variables.
package struct KernelChoice: Hashable, Sendable {
  /// The value for `OPENBLAS_CORETYPE`; nil if the kernels in use are right, or if the user chose them.
  package var coreType: String?
  /// The value for `OPENBLAS_L2_SIZE`; nil if it need not be set.
  package var l2Kilobytes: Int?
  /// Whether correct results depend on that size.
  package var needsSize = false

  /// The variable that selects the kernels.
  package static let coreTypeVariable = "OPENBLAS_CORETYPE"
  /// The variable that sets the size of the L2 cache.
  package static let l2SizeVariable = "OPENBLAS_L2_SIZE"

  /// Chooses kernels for a processor, given the library as loaded and the environment.
  package init(
    for processor: Processor, _ library: LinearAlgebraLibrary, environment: [String: String]
  ) {
    guard library.hasSeveralKernels else { return }
    // OpenBLAS ignores an empty variable too.
    func isChosen(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
    if !isChosen(Self.coreTypeVariable) {
      coreType = Self.better(than: library.instructions, on: processor)
    }
    guard !isChosen(Self.l2SizeVariable) else { return }
    let used = coreType.map { InstructionSet(ofKernels: $0) } ?? library.instructions
    needsSize = Self.overflows(processor, library, kernelsOf: used)
    // If the size is 0, OpenBLAS prints a warning to standard error and assumes 256 KB.
    l2Kilobytes = needsSize ? 2048 : processor.l2Kilobytes == 0 ? 256 : nil
  }

  /// The kernels to use if those in use do not match the processor's instruction set.
  ///
  /// A library with matching kernels recognized the processor, so its choice stays.
  private static func better(than used: InstructionSet?, on processor: Processor) -> String? {
    guard let used else { return nil }
    if processor.hasAVX512 { return used < .avx512 ? "SkylakeX" : nil }
    if processor.hasAVX2 { return used != .avx2 ? "Haswell" : nil }
    return nil
  }

  /// Whether blocks would exceed the buffers of the kernels.
  ///
  /// From version 0.3.34, OpenBLAS enlarges the blocks on Zen 4 and 5, which it recognizes by their cache sizes, for
  /// all kernels (its issues 6013 and 6021). Setting another size prevents that, and has no other effect on AVX2
  /// kernels.
  private static func overflows(
    _ processor: Processor, _ library: LinearAlgebraLibrary, kernelsOf used: InstructionSet?
  ) -> Bool {
    guard processor.isAMD, processor.hasAVX512, library.isAtLeast([0, 3, 34]), let used else {
      return false
    }
    return used < .avx512 && processor.l2Kilobytes == 1024 && processor.l3Kilobytes > 0
      && processor.l3Kilobytes.isMultiple(of: 32768)
  }

  /// The kernels to try if those of a name compute wrong results: older ones, and finally those that run on every
  /// processor.
  package static func safer(than name: String, on processor: Processor) -> String? {
    let used = InstructionSet(ofKernels: name)
    if processor.hasAVX2, used.map({ $0 > .avx2 }) ?? true { return "Haswell" }
    return used == .sse ? nil : "Prescott"
  }
}
