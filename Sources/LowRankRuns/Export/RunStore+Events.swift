import Foundation

extension RunStore {
  /// Writes what a run measured as a TensorBoard event file in `folder`, with its configuration as text.
  ///
  /// - Returns: the file.
  /// - Throws: `RunStoreError`, also where there is no such run; `EventFileError`.
  public func writeEvents(of id: Int64, in folder: URL) throws -> URL {
    guard let run = try run(id) else { throw RunStoreError(url.path, .noRun(id)) }
    let firstStep = run.facts.firstStep
    let file = try EventFile(
      in: folder, date: run.started, resuming: firstStep > 0 ? firstStep : nil)
    file.text(
      "configuration", "```json\n\(run.facts.configuration)\n```", step: firstStep,
      date: run.started)
    var last: Int64 = 0
    // A long run has millions of points: some at a time.
    while case let points = try points(of: id, after: last, limit: 20_000), let end = points.last {
      for point in points {
        file.scalar(point.name, point.value, step: point.step, date: point.time)
      }
      try file.flush()
      last = end.row
    }
    try file.close()
    return file.url
  }
}
