import CLAPACK
import Synchronization

extension LinearAlgebraLibrary {
  /// Whether this process's decompositions come out right, looked at once.
  private static let isRight = isTrusted.load(ordering: .relaxed) || decomposesRightly()
  private static let isTrusted = Atomic(false)

  /// Decomposes a few fixed matrices, in both precisions.
  package static func decomposesRightly() -> Bool {
    var (double, float) = (DecompositionCheck<Double>(), DecompositionCheck<Float>())
    return double.passes(Decomposer()) && float.passes(Decomposer())
  }

  /// The same in a process of its own, so that kernels may also crash or never end.
  ///
  /// To be called before there are threads.
  package static func decomposesRightlyApart() -> Bool {
    let answer = lr_run_apart(
      {
        // Threads would take longer to begin than this takes, and run the same kernels.
        openblas_set_num_threads(1)
        return LinearAlgebraLibrary.decomposesRightly() ? 0 : 1
      }, 60)
    // Where no process can be had, the first decomposition asks again in this one.
    if answer == 0 { isTrusted.store(true, ordering: .relaxed) }
    return answer <= 0
  }

  /// Throws where the kernels in use compute wrong decompositions on this processor.
  ///
  /// The first decomposition of a process asks for it, which takes a few milliseconds; later ones do not.
  /// - Throws: `LinearAlgebraError.wrongKernels`.
  public static func check() throws(LinearAlgebraError) {
    guard isRight else { throw .wrongKernels(loaded) }
  }
}
