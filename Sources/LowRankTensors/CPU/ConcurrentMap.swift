import CKernels
import LowRankProgress
import Synchronization

/// Transforms `0..<count` on the threads that kernels share; LAPACK and oneDNN called within use one thread each.
///
/// Results come in order whatever the threads.
///
/// - Parameters:
///   - activity: what is being done, such as `comparing modules`, for whoever follows the work; nil to report nothing.
///   - unit: what each number stands for.
/// - Throws: what the transform threw for the smallest number.
package func concurrentMap<Value: Sendable>(
  _ count: Int, _ activity: String? = nil, _ unit: Work.Unit = .modules,
  _ transform: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
  let work = activity.map { Work($0, of: count, unit) }
  defer { work?.end() }
  let region = ConcurrentRegion(count) { index in
    defer { work?.advance() }
    return try transform(index)
  }
  lr_parallel(
    Int64(count),
    { context, unit in
      guard let context else { return }
      Unmanaged<AnyRegion>.fromOpaque(context).takeUnretainedValue().run(Int(unit))
    }, Unmanaged<AnyRegion>.passUnretained(region).toOpaque())
  return try withExtendedLifetime(region) { try region.values() }
}

/// What C can hand back without knowing the type of the results.
private class AnyRegion {
  func run(_ unit: Int) { preconditionFailure("a region runs its own units") }
}

private final class ConcurrentRegion<Value: Sendable>: AnyRegion {
  private let transform: @Sendable (Int) throws -> Value
  private let results: Mutex<[Result<Value, any Error>?]>

  init(_ count: Int, _ transform: @escaping @Sendable (Int) throws -> Value) {
    self.transform = transform
    results = Mutex(Array(repeating: nil, count: count))
  }

  override func run(_ unit: Int) {
    let result = Result { try transform(unit) }
    results.withLock { $0[unit] = result }
  }

  func values() throws -> [Value] {
    try results.withLock { results in
      try results.map { result in
        guard let result else { preconditionFailure("a unit was not run") }
        return try result.get()
      }
    }
  }
}
