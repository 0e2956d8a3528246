import LowRankCheckpoints

extension AdapterDifference {
  /// The comparison as JSON.
  public var json: JSONObject {
    [
      "equal": .bool(isEqual), "distance": .double(distance),
      "relative_distance": .double(relativeDistance),
      "modules": .integer(modules.count),
      "other_magnitudes": .array(otherMagnitudes.map { .string($0.path) }),
      "other_tensors": .array(otherTensors.map { .string($0) }),
      "facts": .array(facts.map { .string($0) }),
      "per_module": .array(
        modules.map { module in
          [
            "path": .string(module.path), "equal": .bool(module.isEqual),
            "ranks": .array(module.ranks.map { .integer($0) }),
            "norms": .array(module.norms.map { .double($0) }),
            "distance": .double(module.distance), "cosine": .double(module.cosine),
            "rounding": .double(module.rounding),
            "magnitudes_equal": .bool(module.hasEqualMagnitudes),
            "magnitude_distance": module.magnitudeDistance.map { .double($0) } ?? .null,
          ]
        }),
    ]
  }
}
