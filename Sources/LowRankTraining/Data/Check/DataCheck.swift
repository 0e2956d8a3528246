/// What a run would make of the files of a data set.
public struct DataCheck: Sendable {
  /// The files, the one to train on first.
  public let files: [FileCheck]

  /// Warnings about the data set itself, in addition to those about rows.
  private let notes: [String]

  /// Some files, the one to train on first; at least one.
  ///
  /// - Parameter notes: warnings about the data set itself.
  public init(_ files: [FileCheck], notes: [String] = []) {
    self.notes = notes
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
  public var errors: [String] { files.filter(\.isUsed).flatMap(problems) }

  /// The errors that make a file unusable.
  private func problems(of file: FileCheck) -> [String] {
    let problem = file.problem.map { [$0] } ?? []
    guard file.refused == 0 else { return file.refusals + problem }
    return file.kept == 0 ? ["\(file.file): no row has a trained token"] : problem
  }

  /// What a run would do, but hardly anybody wants.
  public var warnings: [String] {
    notes
      + files.flatMap { file in
        var warnings =
          file.isUsed ? [] : problems(of: file).map { "\($0); training does not use the file" }
        func warn(_ count: Int, _ one: String, _ many: String) {
          if count > 0 { warnings.append("\(file.file): \(count) \(count == 1 ? one : many)") }
        }
        warn(
          file.unended.count,
          "row does not end with a trained end token: the model will not learn from it to stop",
          "rows do not end with a trained end token: the model will not learn from them to stop")
        warn(
          file.untrained, "row is left out, because none of its tokens is trained",
          "rows are left out, because none of their tokens is trained")
        warn(
          file.marked, "row is left out, because its weight or train says that no turn is trained",
          "rows are left out, because their weight or train says that no turn is trained")
        warnings += file.warnings.map { "\(file.file): \($0)" }
        warnings += file.vocabularyWarnings
        warn(file.duplicates.count, "row repeats an earlier one", "rows repeat earlier ones")
        return warnings
      }
      + shared.map { file, other, rows in
        "\(file.file): \(rows.count) row\(rows.count == 1 ? " is" : "s are") in \(other.file) too"
      }
  }
}

extension FileCheck {
  /// What the tokenizer has no token for: characters that it leaves out, or tokens that stand for unknown ones.
  fileprivate var vocabularyWarnings: [String] {
    var warnings: [String] = []
    if let sentence = lost.sentence { warnings.append("\(file): \(sentence)") }
    if let unknownName, unknownTokens > 0 {
      let share = percentText(Double(unknownTokens) / Double(max(1, tokens)))
      warnings.append(
        "\(file): \(unknownTokens) of \(tokens) tokens (\(share)) are \(unknownName), for text that the vocabulary lacks"
      )
    }
    return warnings
  }
}
