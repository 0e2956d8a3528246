import ArgumentParser
import Foundation
import LowRank

/// Sees to it that decompositions come out right before a verb makes any.
///
/// OpenBLAS has had kernels that are wrong on processors newer than themselves, or end the program.
enum Kernels {
  /// The verbs that decompose matrices.
  private static let verbs: [any ParsableCommand.Type] = [
    Compress.self, Analyze.self, Diff.self, Combine.self, Extract.self, Train.self, Pretrain.self,
    Demo.self,
  ]

  /// Checks the kernels in use, and starts the program again with older ones where they fail.
  ///
  /// - Throws: `KernelError` where there are no others, or somebody has chosen these.
  static func check(for command: any ParsableCommand) throws {
    guard verbs.contains(where: { $0 == type(of: command) }),
      !LinearAlgebraLibrary.decomposesRightlyApart()
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
      library: library, isChosen: LibrarySettings.chooser(environment) == .environment)
  }
}

/// Decompositions fail, and there are no other kernels to try.
struct KernelError: Error, CustomStringConvertible {
  let library: LinearAlgebraLibrary
  let isChosen: Bool

  var description: String {
    """
    the \(library.kernels) kernels of OpenBLAS \(library.version) give wrong results or crash on this processor; \
    \(isChosen
      ? "OPENBLAS_CORETYPE asks for them: unset it, or name others"
      : "install another version of OpenBLAS")
    """
  }
}
