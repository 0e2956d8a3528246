import LowRank

/// Which rows of a data set are trained on, evaluated on and kept for the test.
public struct SplitSettings: Hashable, Sendable {
  /// The file of each split, instead of the one in the data set.
  public var trainFile, validFile, testFile: String?
  /// The name of each split in the data set.
  public var trainSplit, validSplit, testSplit: String?
  /// The share of the training rows to evaluate on, if there are no such rows.
  public var validShare: Double?

  /// The splits as the data set names them.
  public init() {}

  /// Refuses a share beside rows to evaluate on.
  package func check() throws {
    guard let validShare, validShare != 0, let validFile else { return }
    throw Self.withoutEffect(validFile)
  }

  static func withoutEffect(_ name: String) -> SettingsError {
    SettingsError(
      "\(.validShare) has no effect: \(name) holds rows to evaluate on; leave one of them out")
  }

  /// What is chosen.
  ///
  /// - Throws: `SettingsError` if two settings contradict each other.
  package func choice() throws -> SplitChoice {
    var choice = SplitChoice()
    let given: [(SplitRole, RunKey, String?, RunKey, String?)] = [
      (.train, .trainFile, trainFile, .trainSplit, trainSplit),
      (.valid, .validFile, validFile, .validSplit, validSplit),
      (.test, .testFile, testFile, .testSplit, testSplit),
    ]
    for (role, fileKey, file, splitKey, split) in given {
      guard file == nil || split == nil else {
        throw SettingsError("\(fileKey) contradicts \(splitKey): give one of them")
      }
      choice.files[role] = file
      choice.splits[role] = split
    }
    return choice
  }

  /// The share of the training rows to evaluate on; nil for none.
  ///
  /// - Throws: `SettingsError` if it is no share, or if there are rows to evaluate on.
  package func share(of files: DataFiles, seed: UInt64) throws -> ValidShare? {
    guard let validShare, validShare != 0 else { return nil }
    let share = try Self.share(validShare, seed: seed)
    if let valid = files.valid {
      throw Self.withoutEffect(valid.name)
    }
    return share
  }

  /// The share of a number.
  ///
  /// - Throws: `SettingsError` if it is no share.
  package static func share(_ value: Double, seed: UInt64) throws -> ValidShare {
    guard value > 0, value < 1 else {
      throw SettingsError(
        "\(.validShare) is \(value), expected a share above 0 and below 1, as 0.1")
    }
    return ValidShare(value, seed: seed)
  }
}

extension ValidShare {
  /// Reports how many of the rows that training read are evaluated on.
  package func announceEvaluation(_ count: Int, of all: Int) {
    Remarks.say("evaluating on \(count) of \(counted(all, "row")) (\(.validShare) \(share))")
  }
}
