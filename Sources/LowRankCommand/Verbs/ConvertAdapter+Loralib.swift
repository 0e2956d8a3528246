import Foundation
import LowRank
import LowRankConsole

extension ConvertAdapter {
  /// What the flags say of a file of loralib; nil where the adapter is of another format.
  func settings(_ format: AdapterFormat) throws -> LoralibSettings? {
    guard format == .loralib else {
      for (flag, isGiven) in [("--alpha", alpha != nil), ("--enable-lora", enableLora != nil)]
      where isGiven {
        throw UsageError(
          "\(flag) is for files of loralib, and this adapter is of the format \(format.rawValue)")
      }
      return nil
    }
    guard let alpha else {
      throw UsageError(
        "--alpha A is missing: files of loralib do not say how their factors are scaled")
    }
    guard alpha > 0, alpha.isFinite else {
      throw UsageError(
        "--alpha is \(alpha), expected a number above 0: factors are scaled by alpha / r")
    }
    guard model != nil else {
      throw UsageError(
        "--model DIR is missing: files of loralib do not say how large the modules are")
    }
    return LoralibSettings(alpha: alpha, enabled: try enableLora.map(Self.parts))
  }

  /// The adapted parts of fused maps: by letters of queries, keys and values, or as loralib's list.
  private static func parts(_ text: String) throws -> [Bool] {
    let words = text.lowercased().split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    let truths = words.compactMap { ["true": true, "false": false, "1": true, "0": false][$0] }
    if truths.count == words.count, truths.contains(true) { return truths }
    guard words.allSatisfy({ ["q", "k", "v"].contains($0) }), Set(words).count == words.count
    else {
      throw UsageError(
        "--enable-lora is \"\(text)\", expected letters as q,v or loralib's list as true,false,true"
      )
    }
    return ["q", "k", "v"].map(words.contains)
  }

  /// Says what of a checkpoint is read, and what is not.
  static func noteRest(of url: URL) throws {
    let contents = try CheckpointFile.contents(ofTorchFile: url)
    if let section = contents.section {
      Console.write("note: the tensors of \"\(section)\" are read")
    }
    if !contents.others.isEmpty {
      Console.write("note: not read: \(contents.others.joined(separator: ", "))".printable)
    }
  }
}
