/// What a run would make of the files of a data set.
public struct DataCheck: Sendable {
  /// The files, the one to train on first.
  public let files: [FileCheck]

  /// Some files, the one to train on first; at least one.
  public init(_ files: [FileCheck]) {
    precondition(!files.isEmpty, "a data set has a file to train on")
    self.files = files
  }

  /// The rows that a later file has in common with an earlier one, which it is meant to be apart from.
  public var shared: [(file: FileCheck, other: FileCheck, rows: [(row: Int, other: Int)])] {
    files.indices.flatMap { later in
      files[..<later].compactMap { earlier in
        let rows = files[later].shared(with: earlier)
        return rows.isEmpty ? nil : (files[later], earlier, rows)
      }
    }
  }

  /// What makes a run pointless, or would stop it.
  public var errors: [String] {
    files.flatMap { file in
      guard file.refused == 0 else { return file.refusals }
      return file.kept == 0 ? ["\(file.file): no row has a token to learn"] : []
    }
  }

  /// What a run would do, but hardly anybody wants.
  public var warnings: [String] {
    files.flatMap { file in
      var warnings: [String] = []
      func warn(_ count: Int, _ one: String, _ many: String) {
        if count > 0 { warnings.append("\(file.file): \(count) \(count == 1 ? one : many)") }
      }
      warn(
        file.unended.count,
        "row does not end with a trained end token: the model will not learn from it to stop",
        "rows do not end with a trained end token: the model will not learn from them to stop")
      warn(
        file.untrained, "row is left out, because none of its tokens is learnt",
        "rows are left out, because none of their tokens is learnt")
      warn(file.duplicates.count, "row repeats an earlier one", "rows repeat earlier ones")
      return warnings
    }
      + shared.map { file, other, rows in
        "\(file.file): \(rows.count) row\(rows.count == 1 ? " is" : "s are") in \(other.file) too"
      }
  }
}
