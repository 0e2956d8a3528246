import CLAPACK
import Synchronization

extension LinearAlgebraLibrary {
  /// Whether this process's decompositions are correct, computed once.
  private static let isRight = isTrusted.load(ordering: .relaxed) || decomposesRightly()
  private static let isTrusted = Atomic(false)

  /// Checks decompositions of fixed matrices in both precisions.
  package static func decomposesRightly() -> Bool {
    var (double, float) = (DecompositionCheck<Double>(), DecompositionCheck<Float>())
    return double.passes(Decomposer()) && float.passes(Decomposer())
  }

  /// Runs the check in a child process, since wrong kernels may also crash or never return.
  ///
  /// Call it before there are other threads.
  package static func decomposesRightlyApart() -> Bool {
    let answer = lr_run_apart(
      {
        // Starting threads would take longer than the check, and they run the same kernels.
        openblas_set_num_threads(1)
        return LinearAlgebraLibrary.decomposesRightly() ? 0 : 1
      }, 60)
    // Without a child process, the first decomposition runs the check in this process.
    if answer == 0 { isTrusted.store(true, ordering: .relaxed) }
    return answer <= 0
  }

  /// Throws if the kernels in use compute wrong decompositions on this processor.
  ///
  /// The first decomposition of a process runs the check, which takes a few milliseconds; later ones do not.
  /// - Throws: `LinearAlgebraError.wrongKernels`.
  public static func check() throws(LinearAlgebraError) {
    guard isRight else { throw .wrongKernels(loaded) }
  }
}
