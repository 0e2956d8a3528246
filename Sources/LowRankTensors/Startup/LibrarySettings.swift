import Foundation

/// Settings that libraries read from the environment when they are loaded, so that the program must restart to set
/// them.
package enum LibrarySettings {
  /// The variable that passes the kernels chosen by this program to the restarted process.
  private static let mark = "LOWRANK_KERNELS"

  /// The origin of the choice of OpenBLAS's kernels.
  package enum Chooser: String, Sendable {
    /// The user, with the variable `OPENBLAS_CORETYPE`.
    case environment
    /// This program, by the processor's instruction set.
    case lowrank
    /// The library, by the processor's model.
    case library
  }

  /// Restarts the program once, if variables are to be set that the user has not set.
  ///
  /// Call it first, because the restart repeats everything that was done before.
  package static func settle() {
    let variables = variables(
      ProcessInfo.processInfo.environment, for: .current, library: .loaded)
    if !variables.isEmpty { Restart.with(variables) }
  }

  /// The variables to set; empty if no restart is needed.
  package static func variables(
    _ environment: [String: String], for processor: Processor, library: LinearAlgebraLibrary
  ) -> [String: String] {
    var variables = OpenMPSpinCount.variables(environment)
    let choice = KernelChoice(for: processor, library, environment: environment)
    if let coreType = choice.coreType {
      variables[KernelChoice.coreTypeVariable] = coreType
      variables[mark] = coreType
    }
    // Setting the size only to suppress OpenBLAS's warning is not worth a restart.
    if let size = choice.l2Kilobytes, choice.needsSize || !variables.isEmpty {
      variables[KernelChoice.l2SizeVariable] = String(size)
    }
    return variables
  }

  /// The origin of the choice of the kernels in use.
  ///
  /// - Parameter kernels: the kernels in use; OpenBLAS ignores names that it does not know. nil to trust the variable.
  package static func chooser(
    _ environment: [String: String], of kernels: String? = nil
  ) -> Chooser {
    guard let coreType = environment[KernelChoice.coreTypeVariable], !coreType.isEmpty,
      kernels.map({ $0.lowercased() == coreType.lowercased() }) ?? true
    else { return .library }
    return environment[mark] == coreType ? .lowrank : .environment
  }

  /// The variables that select safer kernels than those found to be wrong.
  ///
  /// Empty if the user chose the kernels, or if there are no others.
  package static func variables(
    insteadOf library: LinearAlgebraLibrary, _ environment: [String: String],
    for processor: Processor
  ) -> [String: String] {
    guard library.hasSeveralKernels, chooser(environment) != .environment,
      let coreType = KernelChoice.safer(than: library.kernels, on: processor),
      coreType != environment[KernelChoice.coreTypeVariable]
    else { return [:] }
    var variables = [KernelChoice.coreTypeVariable: coreType, mark: coreType]
    var environment = environment
    environment[KernelChoice.coreTypeVariable] = coreType
    let choice = KernelChoice(
      for: processor, library.with(kernels: coreType), environment: environment)
    if let size = choice.l2Kilobytes { variables[KernelChoice.l2SizeVariable] = String(size) }
    return variables
  }
}
