import ArgumentParser
import Foundation
import LowRank
import LowRankConsole

/// The flags that say how subspaces are compared.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "update: the singular vectors of ΔW. factors: the left ones of B and the right ones of A, as in the LoRA paper.",
      valueName: "of"), completion: .list(["update", "factors"]))
  var vectors: String = "update"

  @Flag(help: "Compare the layers of the first adapter with each other.")
  var layers = false

  @Flag(
    help:
      "Draw the input directions of the first adapter's largest updates as smooth curves over the channels."
  )
  var spline = false

  func compare(_ result: inout AnalysisResult) throws {
    guard let vectors = AdapterSimilarity.Vectors(rawValue: vectors) else {
      throw UsageError.value(vectors, of: "--vectors", expected: ["update", "factors"])
    }
    guard vectors == .update || layers || result.analyses.count > 1 else {
      throw UsageError("--vectors has no effect on one adapter without --layers")
    }
    for other in result.analyses.dropFirst() {
      let similarity = try AdapterSimilarity(result.analyses[0], other, of: vectors)
      guard !similarity.modules.isEmpty else {
        throw DataError(
          other.adapter.url.relativePath,
          "has no module in common with \(result.analyses[0].adapter.url.relativePath)")
      }
      result.similarities.append(similarity)
    }
    if spline { result.smooth = SmoothComponents(of: result.analyses[0]) }
    if layers {
      result.layers = try LayerSimilarity.kinds(of: result.analyses[0], vectors)
      if result.layers.isEmpty {
        Console.write(
          "note: --layers has nothing to compare: no kind of module is adapted in several layers")
      }
    }
  }
}
