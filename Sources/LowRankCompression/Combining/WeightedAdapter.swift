import Foundation
import LowRankAdapters

/// An adapter and how much of it is wanted; a negative weight takes away what it learned.
public struct WeightedAdapter: Sendable {
  /// The adapter.
  public let adapter: StoredAdapter
  /// w, a finite number.
  public let weight: Double

  /// An adapter with its weight.
  ///
  /// - Throws: `CombinationError.weight` where it is no finite number.
  public init(_ adapter: StoredAdapter, weight: Double = 1) throws(CombinationError) {
    guard weight.isFinite else {
      throw .weight(adapter: adapter.url.relativePath, value: "\(weight)")
    }
    self.adapter = adapter
    self.weight = weight
  }
}
