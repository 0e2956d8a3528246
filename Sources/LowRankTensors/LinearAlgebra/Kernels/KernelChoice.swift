/// Which kernels OpenBLAS should use where it would pick worse ones itself, as the variables that tell it.
package struct KernelChoice: Hashable, Sendable {
  /// The value for `OPENBLAS_CORETYPE`; nil where what is in use is right, or somebody chose.
  package var coreType: String?
  /// The value for `OPENBLAS_L2_SIZE`; nil where it need not be set.
  package var l2Kilobytes: Int?
  /// Whether results depend on that size being set.
  package var needsSize = false

  /// The variable that names the kernels.
  package static let coreTypeVariable = "OPENBLAS_CORETYPE"
  /// The variable that says how large the second cache is.
  package static let l2SizeVariable = "OPENBLAS_L2_SIZE"

  /// The choice for a processor, a library as it came up, and what the environment says already.
  package init(
    for processor: Processor, _ library: LinearAlgebraLibrary, environment: [String: String]
  ) {
    guard library.hasSeveralKernels else { return }
    // An empty variable says nothing, to OpenBLAS either.
    func isChosen(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
    if !isChosen(Self.coreTypeVariable) {
      coreType = Self.better(than: library.instructions, on: processor)
    }
    guard !isChosen(Self.l2SizeVariable) else { return }
    let used = coreType.map { InstructionSet(ofKernels: $0) } ?? library.instructions
    needsSize = Self.overflows(processor, library, kernelsOf: used)
    // Of no size OpenBLAS complains on standard error and assumes 256 KB.
    l2Kilobytes = needsSize ? 2048 : processor.l2Kilobytes == 0 ? 256 : nil
  }

  /// The kernels for a processor where those in use need less, or more, than it has.
  ///
  /// A library that found kernels of the right kind knows the processor, and is left alone.
  private static func better(than used: InstructionSet?, on processor: Processor) -> String? {
    guard let used else { return nil }
    if processor.hasAVX512 { return used < .avx512 ? "SkylakeX" : nil }
    if processor.hasAVX2 { return used != .avx2 ? "Haswell" : nil }
    return nil
  }

  /// Whether blocks would be larger than the buffers of the kernels.
  ///
  /// From 0.3.34 on OpenBLAS enlarges them on Zen 4 and 5, known by the sizes of their caches, whichever kernels are in use
  /// (its issues 6013 and 6021). It does not where another size is set, of which kernels for AVX2 have no other use.
  private static func overflows(
    _ processor: Processor, _ library: LinearAlgebraLibrary, kernelsOf used: InstructionSet?
  ) -> Bool {
    guard processor.isAMD, processor.hasAVX512, library.isAtLeast([0, 3, 34]), let used else {
      return false
    }
    return used < .avx512 && processor.l2Kilobytes == 1024 && processor.l3Kilobytes > 0
      && processor.l3Kilobytes.isMultiple(of: 32768)
  }

  /// Kernels to try where those of a name compute wrong results: older ones, in the end those that every processor has.
  package static func safer(than name: String, on processor: Processor) -> String? {
    let used = InstructionSet(ofKernels: name)
    if processor.hasAVX2, used.map({ $0 > .avx2 }) ?? true { return "Haswell" }
    return used == .sse ? nil : "Prescott"
  }
}
