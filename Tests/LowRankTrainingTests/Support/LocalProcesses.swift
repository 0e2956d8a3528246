import Foundation
import LowRankTraining

/// Processes of a run as threads of the tests.
final class LocalProcesses: @unchecked Sendable {
  let world: Int
  private let condition = NSCondition()
  private var waiting: [Int: [Double]] = [:]
  private var result: [Double] = []
  private var round = 0

  init(_ world: Int) { self.world = world }

  /// Runs a body in every process and returns what each returned, in order.
  static func run<Result: Sendable>(
    _ world: Int, _ body: @escaping @Sendable (LocalProcess) throws -> Result
  ) throws -> [Result] {
    let processes = LocalProcesses(world)
    let results = Results<Result>()
    let threads = (0..<world).map { rank in
      Thread {
        let outcome = Swift.Result { try body(LocalProcess(rank: rank, processes: processes)) }
        results.set(outcome, of: rank)
      }
    }
    for thread in threads {
      thread.stackSize = 8 << 20
      thread.start()
    }
    return try (0..<world).map { try results.wait(for: $0).get() }
  }

  /// Waits for the values of all processes and adds them up in the order of their numbers.
  fileprivate func sum(_ values: [Double], from rank: Int) -> [Double] {
    condition.lock()
    defer { condition.unlock() }
    let own = round
    waiting[rank] = values
    if waiting.count == world {
      result = values.indices.map { index in
        (0..<world).reduce(0) { $0 + (waiting[$1]?[index] ?? .nan) }
      }
      waiting = [:]
      round += 1
      condition.broadcast()
    }
    while round == own { condition.wait() }
    return result
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var values: [Int: Result<Value, any Error>] = [:]

    func set(_ value: Result<Value, any Error>, of rank: Int) {
      condition.lock()
      values[rank] = value
      condition.broadcast()
      condition.unlock()
    }

    func wait(for rank: Int) -> Result<Value, any Error> {
      condition.lock()
      defer { condition.unlock() }
      while true {
        if let value = values[rank] { return value }
        condition.wait()
      }
    }
  }
}

/// One of the processes.
struct LocalProcess: Reducer {
  let rank: Int
  fileprivate let processes: LocalProcesses

  var world: Int { processes.world }

  func sum(_ values: inout [Double]) { values = processes.sum(values, from: rank) }

  func sum(_ values: inout [Float]) {
    values = processes.sum(values.map(Double.init), from: rank).map(Float.init)
  }

  func broadcast(_ bytes: inout [UInt8]) {
    let count = Int(processes.sum([rank == 0 ? Double(bytes.count) : 0], from: rank)[0])
    let own = rank == 0 ? bytes.map(Double.init) : [Double](repeating: 0, count: count)
    bytes = processes.sum(own, from: rank).map { UInt8($0) }
  }
}
