import Foundation
import LowRank
import LowRankConsole

extension Demonstration {
  /// Finds the smallest adapter whose loss is at most one per cent above, and writes it.
  func compress(_ base: Model) throws {
    guard let valid = try data(.ornate, for: base).valid else { return }
    let stored = try StoredAdapter(at: place("adapter"))
    let compression = try Compression(stored)
    let meter = try QualityMeter(stored, on: base, data: valid)
    let search = try QualitySearch(
      meter, of: compression, in: .largestComponents(of: compression.spectra),
      within: .loss(atMost: 1.01 * meter.before.loss))
    let (draft, certificate) = try compression.keeping(search.ranks)
    try publishFolder(at: place("small"), overwrite: true) { folder in
      try draft.write(as: .peft, into: folder)
      try JSONValue.object(certificate.json).write(to: folder.appending(path: "certificate.json"))
    }
    try Console.result(
      RankTable(certificate).text.split(separator: "\n").map { "   " + $0 }
        .joined(separator: "\n"))
    let after = search.point?.quality ?? meter.before
    var facts: JSONObject = [
      "loss_before": .double(meter.before.loss), "loss_after": .double(after.loss),
      "kl": .double(try meter.divergence(of: draft)), "evaluations": .integer(search.evaluations),
    ]
    for (key, name) in [("file_bytes_before", "adapter"), ("file_bytes_after", "small")] {
      facts[key] = AdapterFileSize.bytes(at: place(name)).map { .integer($0) }
    }
    let summary = CompressionText(certificate, facts).summary(of: place("small").relativePath)
    try Console.result(
      summary.split(separator: "\n").map { "   " + $0 }.joined(separator: "\n"))
  }

  /// Writes a report of what the adapter is and what pruning left of it.
  func report(_ base: Model) throws {
    let stored = try ["adapter", "small"].map { try StoredAdapter(at: place($0)) }
    var result = AnalysisResult(try stored.map { try AdapterAnalysis($0) })
    result.similarities = [try AdapterSimilarity(result.analyses[0], result.analyses[1])]
    if let folder = base.folder {
      result.weights = try WeightComparison(
        result.analyses[0], BaseWeights(folder, for: stored[0]))
    }
    let page = place("report.html")
    try Report(result).write(to: page, overwrite: true)
    try Console.result(
      "   \(page.relativePath): its spectra, subspaces and amplification, to open in a browser")
  }
}
