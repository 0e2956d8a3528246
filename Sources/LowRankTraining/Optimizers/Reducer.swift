import LowRankTensors

/// What joins the processes of a run, so that each applies the same step.
///
/// Every process calls the same methods in the same order. Each throws where another process cannot be reached any more.
public protocol Reducer: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var world: Int { get }
  /// Replaces each number by its sum over all processes; all of them then have the same bits.
  func sum(_ values: inout [Float]) throws
  /// Replaces each number by its sum over all processes; all of them then have the same bits.
  func sum(_ values: inout [Double]) throws
  /// Replaces bytes, of whatever number, by those of process 0.
  func broadcast(_ bytes: inout [UInt8]) throws
}

/// The reducer of a run in one process, whose sums are complete.
public struct SingleProcess: Reducer {
  /// A reducer that changes nothing.
  public init() {}

  public var rank: Int { 0 }
  public var world: Int { 1 }
  /// Changes nothing.
  public func sum(_ values: inout [Float]) {}
  /// Changes nothing.
  public func sum(_ values: inout [Double]) {}
  /// Changes nothing.
  public func broadcast(_ bytes: inout [UInt8]) {}
}

extension Reducer {
  /// Replaces a process's own sums by those over all processes, the count of tokens among them.
  ///
  /// With P parameters of n numbers in all, 4 n bytes of gradients are exchanged, and 8 (10 + P) beside them.
  /// - Parameter parameters: all that is trained, in the same order everywhere.
  public func reduce(
    _ sum: inout GradientSum, of parameters: [Parameter], on engine: any Engine
  ) throws {
    guard world > 1 else { return }
    // A parameter that the loss of no process depends on keeps having no gradient.
    let facts = [sum.loss, Double(sum.tokens)] + sum.preferences.sums
    var head = facts + parameters.map { sum.gradients[$0] == nil ? 0 : 1 }
    try self.sum(&head)
    let present = zip(parameters, head.dropFirst(facts.count)).filter { $0.1 > 0 }.map(\.0)
    var numbers: [Float] = []
    numbers.reserveCapacity(present.reduce(0) { $0 + $1.shape.count })
    for parameter in present {
      if let gradient = sum.gradients[parameter] {
        numbers += engine.floats(gradient)
      } else {
        numbers += repeatElement(0, count: parameter.shape.count)
      }
    }
    try self.sum(&numbers)
    sum.loss = head[0]
    sum.tokens = Int(head[1])
    sum.preferences.sums = Array(head[2..<facts.count])
    var start = 0
    for parameter in present {
      let end = start + parameter.shape.count
      sum.gradients[parameter] = engine.tensor(
        Array(numbers[start..<end]), parameter.shape, type: .float32)
      start = end
    }
  }

  /// Whether something is so in any process.
  public func any(_ isSo: Bool) throws -> Bool {
    guard world > 1 else { return isSo }
    var count = [isSo ? 1.0 : 0]
    try sum(&count)
    return count[0] > 0
  }

  /// Gives all processes the values that process 0 has.
  func share(
    _ parameters: some Collection<Parameter>, of store: inout ParameterStore, on engine: any Engine
  )
    throws
  {
    guard world > 1 else { return }
    for parameter in parameters.sorted(by: { $0.path < $1.path }) {
      let type = store[parameter].type
      var bytes = engine.floats(store[parameter]).withUnsafeBytes { Array($0) }
      try broadcast(&bytes)
      let floats = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      store[parameter] = engine.tensor(floats, parameter.shape, type: type)
    }
  }
}
