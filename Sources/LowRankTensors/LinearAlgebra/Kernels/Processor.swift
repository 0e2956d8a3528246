import CLAPACK

/// The features of a processor on which the choice of kernels depends, as far as the system lets programs use them.
package struct Processor: Hashable, Sendable {
  /// AVX2 and FMA.
  package var hasAVX2 = false
  /// AVX-512 F, CD, BW, DQ and VL.
  package var hasAVX512 = false
  /// Whether it is made by AMD.
  package var isAMD = false
  /// The size of the L2 cache as OpenBLAS queries it, or 0 if a hypervisor hides it.
  package var l2Kilobytes = 0
  /// The size of the L3 cache, likewise.
  package var l3Kilobytes = 0

  package init(
    hasAVX2: Bool = false, hasAVX512: Bool = false, isAMD: Bool = false, l2Kilobytes: Int = 0,
    l3Kilobytes: Int = 0
  ) {
    (self.hasAVX2, self.hasAVX512, self.isAMD) = (hasAVX2, hasAVX512, isAMD)
    (self.l2Kilobytes, self.l3Kilobytes) = (l2Kilobytes, l3Kilobytes)
  }

  /// The processor of this machine.
  package static let current: Processor = {
    let found = lr_processor_now()
    return Processor(
      hasAVX2: found.avx2_fma, hasAVX512: found.avx512, isAMD: found.is_amd,
      l2Kilobytes: Int(found.l2_kilobytes), l3Kilobytes: Int(found.l3_kilobytes))
  }()
}
