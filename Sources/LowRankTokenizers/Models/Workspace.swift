import Synchronization

/// What one encoding at a time needs and the next one can use again.
struct Workspace: Sendable {
  var classes = ScalarClasses()
  var cache = WordCache()
  var merging = MergeScratch()
  var path = BestPath()
}

/// Workspaces that nobody is using: as many as there have been encodings at the same time.
final class WorkspacePool: Sendable {
  private let idle = Mutex<[Workspace]>([])

  /// Lends a workspace for the length of `body`.
  func with<Result>(_ body: (inout Workspace) -> Result) -> Result {
    var workspace = idle.withLock { $0.popLast() } ?? Workspace()
    let result = body(&workspace)
    idle.withLock { $0.append(workspace) }
    return result
  }
}
