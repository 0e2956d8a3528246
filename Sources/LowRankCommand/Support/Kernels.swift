import ArgumentParser
import Foundation
import LowRank
import LowRankConsole

/// Checks that decompositions are correct before a verb performs any.
///
/// Some kernels of OpenBLAS compute wrong results, or crash, on processors newer than the library.
enum Kernels {
  /// Checks the kernels in use, and restarts the program with older ones if the check fails.
  ///
  /// - Throws: `KernelError` if there are no older kernels, or if the user chose these.
  static func check(for command: any ParsableCommand) throws {
    guard command is any DecomposingVerb, !LinearAlgebraLibrary.decomposesRightlyApart()
    else { return }
    let (library, environment) = (LinearAlgebraLibrary.loaded, ProcessInfo.processInfo.environment)
    let variables = LibrarySettings.variables(insteadOf: library, environment, for: .current)
    if let others = variables[KernelChoice.coreTypeVariable] {
      Console.write(
        """
        warning: the \(library.kernels) kernels of OpenBLAS \(library.version) give wrong results or crash on this \
        processor; trying its \(others) kernels, which OPENBLAS_CORETYPE=\(others) chooses at once
        """)
      Restart.with(variables)
    }
    throw KernelError(
      library: library,
      isChosen: LibrarySettings.chooser(environment, of: library.kernels) == .environment)
  }
}

/// The check failed, and there are no other kernels to try.
struct KernelError: Error, CustomStringConvertible {
  let library: LinearAlgebraLibrary
  let isChosen: Bool

  var description: String {
    """
    the \(library.kernels) kernels of OpenBLAS \(library.version) give wrong results or crash on this processor; \
    \(isChosen
      ? "OPENBLAS_CORETYPE selects them: unset it, or name others"
      : "install another version of OpenBLAS")
    """
  }
}
