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

  @Argument(
    help: "The adapter: a folder of PEFT or mlx-lm, a name on the hub, or a GGUF file. (required)")
  var adapter: String?

  @Option(help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"))
  var output: String?

  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @OptionGroup(title: "Measuring") var measuring: VerificationOptions

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

  @OptionGroup(title: "Report") var reporting: ReportOptions

  @Flag(help: "Replace a folder or report that is in use.")
  var overwrite = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard let adapter else { throw UsageError("give the folder of an adapter") }
    guard let form = AdapterForm(rawValue: emit) else {
      throw UsageError("--emit is \"\(emit)\", expected peft, padded, llamacpp or mlx")
    }
    try check(form)
    try measuring.check()
    try measuring.doors.checkUsed(measuring.model != nil, with: "--model")
    if threads != nil { _ = try Threads.engine(threads) }
    let place = try measuring.sweep ? nil : outputFolder(adapter)
    if measuring.searches || measuring.sweep, let flag = policy.given.first {
      let other = measuring.maxMetricDrop == nil ? "--max-loss-increase" : "--max-metric-drop"
      throw UsageError(
        "\(flag) contradicts \(measuring.sweep ? "--sweep" : other), which chooses ranks itself")
    }
    try reporting.check(
      overwrite: overwrite, sparing: [adapter, measuring.model, measuring.data.data])
    let source = try Located.adapter(adapter)
    guard
      try measuring.model == nil || measuring.measures || measuring.calibrate != nil
        || AdapterFormat(guessing: source) == .gguf
    else {
      throw UsageError(
        """
        --model has no effect by itself; add --verify, --sweep, --max-loss-increase, --max-metric-drop \
        or --calibrate
        """
      )
    }
    let stored = try StoredAdapter(
      at: source, model: measuring.model.map { try Located.model($0) })
    let base = try measuring.model.map { try ModelFolder(at: Located.model($0)) }
    if let base, !measuring.measures, measuring.calibrate == nil {
      try measuring.doors.check(stored, on: base)
    }
    let chosen = try policy.policy(for: stored)
    let meter = try measuring.measures ? measuring.meter(for: stored, threads: threads) : nil
    let compression =
      try measuring.calibration(for: stored, threads: threads)
      .map { try Compression(stored, calibratedBy: $0) } ?? Compression(stored)
    if let meter, measuring.sweep {
      return try CompressionSweep(compression, meter, isQuiet: json)
        .run(within: measuring.bound(below: meter.before)) {
          try reporting.write($0, overwrite: overwrite)
        }
    }
    guard let place else { return }
    let ranks = try searched(compression, meter) ?? chosen.ranks(for: compression.spectra)
    var (draft, certificate) = try compression.keeping(ranks)
    if let base { try draft.remember(base) }
    if certificate.rankAfter == certificate.rankBefore {
      Console.write("note: the budget keeps the whole adapter: its factors are copied as they are")
    }
    if !stored.others.isEmpty {
      Console.write(
        "note: \(stored.others.count) tensors that are no factors, \(stored.others[0].name.text.printable) among them, are copied as they are"
      )
    }
    var facts = certificate.json
    if let meter, measuring.verify || measuring.searches {
      for (key, value) in try Self.measured(draft, by: meter).entries { facts[key] = value }
    }
    try publishFolder(at: place.url, overwrite: overwrite) { folder in
      try draft.write(as: form, into: folder)
      try JSONValue.object(facts).write(to: folder.appending(path: "certificate.json"))
      try AdapterFolder.copyTemplate(from: source, into: folder)
    }
    try reporting.write(
      Report(
        certificate, spectra: compression.spectra, named: place.url.lastPathComponent,
        facts: Self.measured(facts)), overwrite: overwrite)
    var result: JSONObject = ["adapter": .string(place.url.relativePath)]
    for (key, value) in facts.entries { result[key] = value }
    guard !json else { return try Console.result(result) }
    try Console.result(RankTable(certificate).text)
    try Console.result(Self.summary(certificate, facts, place.url.relativePath))
  }

  /// Refuses flags that would have no effect, or whose budget the form would break.
  private func check(_ form: AdapterForm) throws {
    if form == .padded || form == .mlx {
      for (flag, isGiven) in [
        ("--parameters", policy.parameters != nil), ("--size", policy.size != nil),
      ] where isGiven {
        throw UsageError(
          "\(flag) is a budget that --emit \(emit) would break, which fills all ranks up to the largest; give --uniform"
        )
      }
    }
    if measuring.sweep {
      for (flag, isGiven) in [
        ("--output", output != nil), ("--verify", measuring.verify), ("--emit", emit != "peft"),
      ] where isGiven {
        throw UsageError("\(flag) has no effect with --sweep, which writes no adapter")
      }
    }
    if measuring.data.data != nil, !measuring.measures {
      throw UsageError(
        "--data has no effect by itself; add --verify, --sweep, --max-loss-increase or --max-metric-drop"
      )
    }
  }

  private func outputFolder(_ adapter: String) throws -> OutputFolder {
    guard let output else { throw UsageError("--output DIR is missing") }
    return try OutputFolder(
      output, flag: "--output", overwrite: overwrite, marker: "adapter_config.json",
      sparing: [adapter])
  }

  /// The ranks of the smallest adapter within the loss that is accepted; nil where none was asked for.
  private func searched(_ compression: Compression, _ meter: QualityMeter?) throws -> [Int]? {
    guard let meter, let bound = try measuring.bound(below: meter.before) else { return nil }
    let family = PolicyFamily.largestComponents(of: compression.spectra)
    let found = try meter.smallest(of: compression, in: family, within: bound) { point in
      Console.write(
        "rank \(point.rank): \(CompressionSweep.text(point.quality)); wanted \(CompressionSweep.text(bound))"
      )
    }
    return found?.ranks ?? compression.spectra.map(\.values.count)
  }

  /// What data say of the adapter before and after.
  private static func measured(
    _ draft: AdapterDraft, by meter: QualityMeter
  ) throws -> JSONObject {
    let (before, after) = (meter.before, try meter.quality(of: draft))
    var facts: JSONObject = [
      "loss_before": .double(before.loss), "loss_after": .double(after.loss),
    ]
    if before.metrics.isEmpty {
      facts["perplexity_before"] = .double(exp(before.loss))
      facts["perplexity_after"] = .double(exp(after.loss))
    } else {
      facts["before"] = .object(before.json)
      facts["after"] = .object(after.json)
    }
    facts["kl"] = .double(try meter.divergence(of: draft))
    facts[before.metrics.isEmpty ? "tokens" : "rows"] = .integer(before.count)
    return facts
  }

  /// What was measured on data, for a report.
  private static func measured(_ facts: JSONObject) -> [Report.Fact] {
    guard let before = facts["loss_before"]?.double, let after = facts["loss_after"]?.double,
      let divergence = facts["kl"]?.double
    else { return [] }
    return [
      Report.Fact("loss", String(format: "%.4f → %.4f", before, after)),
      Report.Fact("KL", NumberText.short(divergence) + " nats a token"),
    ]
  }

  private static func summary(_ certificate: Certificate, _ facts: JSONObject, _ place: String)
    -> String
  {
    let share = Double(certificate.parametersAfter) / Double(certificate.parametersBefore)
    let text = String(
      format: "%@: rank %d → %d, parameters %d → %d (−%.1f %%), ‖ΔW − ΔW'‖ ≤ %.4g of %.4g", place,
      certificate.rankBefore, certificate.rankAfter, certificate.parametersBefore,
      certificate.parametersAfter, 100 * (1 - share), certificate.bound,
      certificate.energy.squareRoot())
    guard let before = facts["loss_before"]?.double, let after = facts["loss_after"]?.double,
      let divergence = facts["kl"]?.double
    else { return text }
    if let metrics = facts["after"]?.object {
      let changes = metrics.entries.compactMap { key, value -> String? in
        guard let old = facts["before"]?.object?[key]?.double, let new = value.double else {
          return nil
        }
        return String(format: "%@ %.4f → %.4f", key, old, new)
      }
      return text
        + String(
          format: "\nloss %.4f → %.4f, %@, KL %.2e a row", before, after,
          changes.joined(separator: ", "), divergence)
    }
    return text
      + String(
        format: "\nloss %.4f → %.4f, perplexity %.3f → %.3f, KL %.2e a token", before, after,
        exp(before), exp(after), divergence)
  }
}
