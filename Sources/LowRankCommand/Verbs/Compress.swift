import ArgumentParser
import Foundation
import LowRank

/// `lowrank compress`: prunes an adapter to ranks that its singular values deserve.
struct Compress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prune an adapter by one threshold over all its singular values (PARA).",
    discussion: """
      Needs neither model nor data: only the factors are looked at, in double precision. Of several policies one is given; \
      without any, a quarter of the total rank is kept. The certificate says how far the updates are from those before; \
      with DoRA it speaks of s·BA, and the magnitudes stay.
      """)

  @Argument(help: "The adapter folder. (required)")
  var adapter: String?

  @Option(help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"))
  var output: String?

  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      """
      peft: right in PEFT, vLLM and mistral.rs. padded: one rank, right everywhere. llamacpp: right in PEFT and \
      llama.cpp. mlx: mlx-lm's folder.
      """, valueName: "form"))
  var emit: String = "peft"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  @Flag(help: "Replace a folder that is in use.")
  var overwrite = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    guard let adapter else { throw UsageError("give the folder of an adapter") }
    guard let output else { throw UsageError("--output DIR is missing") }
    guard let form = AdapterForm(rawValue: emit) else {
      throw UsageError("--emit is \"\(emit)\", expected peft, padded, llamacpp or mlx")
    }
    if let threads, threads < 1 { throw UsageError("--threads is \(threads), expected at least 1") }
    if threads != nil { _ = try Threads.engine(threads) }
    let place = URL(filePath: output)
    try checkPublishable(folder: place, overwrite: overwrite)
    let stored = try StoredAdapter(at: URL(filePath: adapter))
    let chosen = try policy.policy(for: stored)
    let compression = try Compression(stored)
    let ranks = chosen.ranks(for: compression.spectra)
    let (draft, certificate) = try compression.keeping(ranks)
    if certificate.rankAfter == certificate.rankBefore {
      Console.write("note: the budget keeps the whole adapter: its factors are copied as they are")
    }
    try publishFolder(at: place, overwrite: overwrite) { folder in
      try draft.write(as: form, into: folder)
      try JSONValue.object(certificate.json).write(to: folder.appending(path: "certificate.json"))
    }
    var result: JSONObject = ["adapter": .string(output)]
    for (key, value) in certificate.json.entries { result[key] = value }
    guard !json else { return try Console.result(result) }
    try Console.result(RankTable(certificate).text)
    try Console.result(
      String(
        format: "%@: rank %d → %d, parameters %d → %d (−%.1f %%), ‖ΔW − ΔW'‖ ≤ %.4g of %.4g",
        output, certificate.rankBefore, certificate.rankAfter, certificate.parametersBefore,
        certificate.parametersAfter,
        100 * (1 - Double(certificate.parametersAfter) / Double(certificate.parametersBefore)),
        certificate.bound, certificate.energy.squareRoot()))
  }
}
