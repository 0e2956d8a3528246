import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// Everything that `analyze` found, to be printed, reported, or written as JSON.
public struct AnalysisResult {
  /// The adapters by themselves, the first being the one that others are compared with.
  public let analyses: [AdapterAnalysis]
  /// The subspaces of the first beside those of each other.
  public var similarities: [AdapterSimilarity] = []
  /// The layers of the first adapter beside each other.
  public var layers: [LayerSimilarity] = []
  /// Smooth curves through the directions that the first adapter reads.
  public var smooth: SmoothComponents?
  /// The first adapter beside the weights of its base.
  public var weights: WeightComparison?
  /// What the first adapter does to predictions.
  public var behaviour: Behaviour?

  /// Adapters that are not compared yet.
  public init(_ analyses: [AdapterAnalysis]) { self.analyses = analyses }

  /// What was found as JSON.
  public var json: JSONObject {
    var object: JSONObject = [
      "adapters": .array(
        analyses.map { analysis in
          [
            "adapter": .string(analysis.adapter.url.relativePath),
            "parameters": .integer(analysis.adapter.factorParameters),
            "other_tensors": .integer(analysis.adapter.others.count),
            "frobenius_norm": .double(analysis.frobenius),
            "modules": .array(analysis.modules.map { .object($0.json) }),
          ]
        })
    ]
    if !similarities.isEmpty {
      object["similarity"] = .array(
        similarities.enumerated().map { index, similarity in
          [
            "adapter": .string(analyses[index + 1].adapter.url.relativePath),
            "modules": .array(similarity.modules.map { .object($0.json) }),
            "only_in_first": .array(similarity.onlyInFirst.map { .string($0) }),
            "only_in_second": .array(similarity.onlyInSecond.map { .string($0) }),
          ]
        })
    }
    if !layers.isEmpty {
      object["layers"] = .array(
        layers.map { kind in
          [
            "kind": .string(kind.kind), "paths": .array(kind.paths.map { .string($0) }),
            "left": .rows(of: kind.left), "right": .rows(of: kind.right),
          ]
        })
    }
    if let smooth { object["spline"] = smooth.json }
    if weights != nil || behaviour != nil {
      object["measured_adapter"] = .string(analyses[0].adapter.url.relativePath)
    }
    if let weights { object["weights"] = .array(weights.modules.map { .object($0.json) }) }
    if let behaviour { object["behaviour"] = .object(behaviour.json) }
    return object
  }
}

extension JSONValue {
  /// A matrix as an array of rows.
  fileprivate static func rows(of matrix: HostMatrix<Double>) -> JSONValue {
    .array(
      (0..<matrix.rows).map { row in
        .array((0..<matrix.columns).map { .double(matrix[row, $0]) })
      })
  }
}
