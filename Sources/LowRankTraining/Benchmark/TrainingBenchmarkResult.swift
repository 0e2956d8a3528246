import Foundation
import LowRankCheckpoints

/// What a training benchmark measured.
public struct TrainingBenchmarkResult: Hashable, Sendable {
  /// The tokens of a step.
  public let tokens: Int
  /// The median time of a step.
  public let stepSeconds: Double
  /// The median processor time of a step, of all threads, which other programs affect least.
  public let processorSeconds: Double
  /// The bytes of the optimizer's state.
  public let stateBytes: Int
  /// The operations of a step.
  public let work: Double
  /// The rate of the machine's products, operations a second.
  public let productRate: Double

  /// Tokens a second.
  public var tokensPerSecond: Double { Double(tokens) / stepSeconds }
  /// The share of the products' rate that training reaches.
  public var utilization: Double { work / stepSeconds / productRate }

  /// The result as `bench` prints it, beside the process's peak memory.
  public func json(peakMemory: Int) -> JSONObject {
    [
      "tokens_per_second": .double(tokensPerSecond), "step_seconds": .double(stepSeconds),
      "step_processor_seconds": .double(processorSeconds),
      "optimizer_state_bytes": .integer(stateBytes),
      "peak_memory_bytes": .integer(peakMemory), "model_flops": .double(work),
      "gemm_flops_per_second": .double(productRate), "utilization": .double(utilization),
    ]
  }

  /// The result as a sentence.
  public func text(peakMemory: Int) -> String {
    String(
      format: "%.0f tokens/s, %.3f s a step, %.0f of %.0f GFLOP/s (utilization %.2f), %.2f GB",
      tokensPerSecond, stepSeconds, work / stepSeconds / 1e9, productRate / 1e9, utilization,
      Double(peakMemory) / 1e9)
  }
}
