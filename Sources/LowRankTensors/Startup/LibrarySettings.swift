import Foundation

/// What libraries read from the environment when they are loaded, and a program therefore sets by starting again.
package enum LibrarySettings {
  /// Names the kernels that this program chose itself, for the process that is started with them.
  private static let mark = "LOWRANK_KERNELS"

  /// Who chose the kernels of OpenBLAS.
  package enum Chooser: String, Sendable {
    /// The variable `OPENBLAS_CORETYPE`, set by somebody else.
    case environment
    /// This program, by what the processor can do.
    case lowrank
    /// The library, by the model of the processor.
    case library
  }

  /// Starts the program again where something is to be set that nobody has chosen, once for all of it.
  ///
  /// To be called before anything else, for what was done until then is done twice.
  package static func settle() {
    let variables = variables(
      ProcessInfo.processInfo.environment, for: .current, library: .loaded)
    if !variables.isEmpty { Restart.with(variables) }
  }

  /// The variables to set; none where the program is to go on as it is.
  package static func variables(
    _ environment: [String: String], for processor: Processor, library: LinearAlgebraLibrary
  ) -> [String: String] {
    var variables = Waiting.variables(environment)
    let choice = KernelChoice(for: processor, library, environment: environment)
    if let coreType = choice.coreType {
      variables[KernelChoice.coreTypeVariable] = coreType
      variables[mark] = coreType
    }
    // A size that only quiets the library is not worth a start of its own.
    if let size = choice.l2Kilobytes, choice.needsSize || !variables.isEmpty {
      variables[KernelChoice.l2SizeVariable] = String(size)
    }
    return variables
  }

  /// Who chose the kernels that are in use.
  package static func chooser(_ environment: [String: String]) -> Chooser {
    guard let coreType = environment[KernelChoice.coreTypeVariable], !coreType.isEmpty else {
      return .library
    }
    return environment[mark] == coreType ? .lowrank : .environment
  }

  /// The variables under which safer kernels are used than those that were found to be wrong.
  ///
  /// None where somebody else chose those, or there are no others.
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
