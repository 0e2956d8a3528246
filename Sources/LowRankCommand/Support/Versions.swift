import Foundation
import LowRank

/// The output of `lowrank --version --json`: the version, and the linear algebra library with its kernels.
enum Versions {
  static func areWanted(_ arguments: [String]) -> Bool {
    arguments.sorted() == ["--json", "--version"]
  }

  static var json: JSONObject {
    let library = LinearAlgebraLibrary.loaded
    let chooser = LibrarySettings.chooser(
      ProcessInfo.processInfo.environment, of: library.kernels)
    return [
      "version": .string(AdapterFacts.version),
      "linear_algebra": [
        "library": .string("OpenBLAS \(library.version)"), "kernels": .string(library.kernels),
        "chosen_by": .string(chooser.rawValue),
      ],
    ]
  }
}
