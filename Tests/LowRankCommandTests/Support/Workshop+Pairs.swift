import Foundation

extension Workshop {
  /// A folder of preferences: pairs of answers to prompts, to train on and to evaluate on.
  func pairs() throws -> URL {
    let folder = place("pairs")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let rows = (0..<16).map { row in
      let letters = ["abc", "cab", "bca", "xyz"][row % 4]
      return
        #"{"prompt": "\#(letters)", "chosen": " \#(letters)", "rejected": " q\#(letters.prefix(1 + row % 3))"}"#
    }
    try write(rows.joined(separator: "\n"), to: folder, "train.jsonl")
    try write(rows.prefix(6).joined(separator: "\n"), to: folder, "valid.jsonl")
    return folder
  }
}
