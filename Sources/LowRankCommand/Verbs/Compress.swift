import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank compress`: prunes an adapter to ranks that its singular values deserve.
struct Compress: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Prune an adapter by one threshold over all its singular values (PARA).",
    discussion: """
      Reads only the factors, in double precision; needs neither model nor data. Give one policy; without one, 99 % of the \
      energy is kept (--energy 0.99). Energy is not loss: --max-loss-increase measures the loss and keeps what the loss \
      needs. certificate.json bounds how far the new updates are from the old ones; for DoRA it bounds s·BA, the \
      magnitudes are not changed, and every module keeps rank 1 or more, since its magnitudes act without it.

      EXAMPLES:
        lowrank compress adapters/e2e --output adapters/small
        lowrank compress adapters/e2e --output adapters/small --max-loss-increase 1% --model models/smollm --data data/e2e/valid.jsonl
      """)

  @Argument(
    help: "The adapter: a folder of PEFT or mlx-lm, a name on the hub, or a GGUF file. (required)",
    completion: .adapter)
  var adapter: String?

  @Option(
    help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"),
    completion: .folder)
  var output: String?

  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @OptionGroup(title: "Measuring") var measuring: VerificationOptions

  @OptionGroup(title: "Healing") var healing: HealOptions

  @Option(
    help: ArgumentHelp(
      """
      peft: for PEFT, vLLM and mistral.rs. padded: zeros fill every module up to the largest rank, for tools \
      that expect one rank. llamacpp: for PEFT and \
      llama.cpp. mlx: mlx-lm's folder.
      """, valueName: "form"), completion: .list(["peft", "padded", "llamacpp", "mlx"]))
  var emit: String = "peft"

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup(title: "Report") var reporting: ReportOptions

  @OptionGroup var replacing: OverwriteOption<ResultFolderAndReport>

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let adapter else { throw UsageError("give the folder of an adapter") }
    guard let form = AdapterForm(rawValue: emit) else {
      throw UsageError.value(
        emit, of: "--emit", expected: ["peft", "padded", "llamacpp", "mlx"])
    }
    try check(form)
    try measuring.check()
    try measuring.checks.settings.checkUsed(measuring.model != nil, with: "--model")
    try threadOptions.check()
    try healing.check(
      model: measuring.model, calibrate: measuring.calibrate, sweep: measuring.sweep)
    _ = try policy.policy()
    let place = try measuring.sweep ? nil : outputFolder(adapter)
    if measuring.searches || measuring.sweep, let flag = policy.given.first {
      let other = measuring.maxMetricDrop == nil ? "--max-loss-increase" : "--max-metric-drop"
      throw UsageError(
        "\(flag) contradicts \(measuring.sweep ? "--sweep" : other), which chooses ranks itself")
    }
    try reporting.check(
      overwrite: replacing.overwrite, sparing: [adapter, measuring.model, measuring.data.data])
    let source = try Located.adapter(adapter)
    guard
      try measuring.model == nil || measuring.measures || measuring.calibrate != nil
        || healing.heal != nil || StoredAdapter.mayNeedBase(source)
    else {
      throw UsageError(
        """
        --model has no effect by itself; add --verify, --sweep, --max-loss-increase, --max-metric-drop, \
        --calibrate or --heal
        """
      )
    }
    let stored = try StoredAdapter(
      at: source, model: measuring.model.map { try Located.model($0) })
    let base = try measuring.model.map { try ModelFolder(at: Located.model($0)) }
    if let base, !measuring.measures, measuring.calibrate == nil {
      try measuring.checks.settings.check(stored, on: base)
    }
    let chosen = try policy.policy(for: stored)
    let meter =
      try measuring.measures ? measuring.meter(for: stored, threads: threadOptions.threads) : nil
    let compression = try measuring.compression(of: stored, threads: threadOptions.threads)
    if let meter, measuring.sweep {
      return try CompressionSweep(compression, meter, isQuiet: results.json)
        .run(within: measuring.bound(below: meter.before)) {
          try reporting.write($0, overwrite: replacing.overwrite)
        }
    }
    guard let place else { return }
    try policy.checkBudget(of: chosen, for: compression.spectra)
    let search = try search(compression, meter)
    let (draft, certificate) = try RankError.asUsage(of: "--uniform") {
      try search.map { try compression.keeping($0.ranks) } ?? compression.pruned(by: chosen)
    }
    if search == nil && !compression.isNested(chosen) { announceDiscarded(certificate) }
    if certificate.rankAfter == certificate.rankBefore {
      Console.write(
        "note: \(measuring.searchFlag ?? policy.text) keeps the whole adapter: its factors are copied as they are"
      )
    }
    if !stored.others.isEmpty {
      Console.write(
        "note: \(counted(stored.others.count, "tensor")) without factors (\(stored.others[0].name.text.printable)\(stored.others.count == 1 ? "" : ", …")) copied unchanged"
      )
    }
    var facts = certificate.json
    facts["policy"] = .string(measuring.searchFlag ?? policy.text)
    let isUniform = chosen is UniformRank
    let plain = search == nil && !isUniform ? compression.spectra.withoutLeastRanks : nil
    facts["note"] =
      CompressionText.magnitudeNote(
        certificate, plain.map { chosen.ranks(for: $0) }, by: measuring.searchFlag ?? policy.text
      ).map { .string($0) }
    facts["discarded_energy_share"] = .double(CompressionText.discardedShare(of: certificate))
    if let meter, measuring.verify || measuring.searches {
      let known = search.map { $0.point?.quality ?? meter.before }
      for (key, value) in try Self.measured(draft, known, by: meter).entries { facts[key] = value }
    }
    if let importance = measuring.importance { facts["importance"] = .string(importance) }
    if let importance = compression.importance {
      facts["importance_components"] = .object(importance.json)
    }
    let healed = try measuring.healing(
      draft, of: stored, as: healing, threads: threadOptions.threads)
    defer { healed?.end() }
    if let healed {
      for (key, value) in try HealedText.facts(healed, meter, at: healing.rate).entries {
        facts[key] = value
      }
    }
    if let search { facts["evaluations"] = .integer(search.evaluations) }
    if let meter, measuring.searches, let base = meter.lossWithoutAdapter {
      facts["loss_base"] = .double(base)
      warnOfWorse(than: base, meter.before.loss)
      try warnOfLooseBound(base, meter.before)
    }
    facts["file_bytes_before"] = AdapterFileSize.bytes(at: source).map { .integer($0) } ?? .null
    try place.publish { folder in
      try (healed?.draft ?? draft).write(as: form, into: folder)
      facts["file_bytes_after"] = AdapterFileSize.bytes(at: folder).map { .integer($0) } ?? .null
      try JSONValue.object(facts).write(to: folder.appending(path: "certificate.json"))
      try AdapterFolder.copyTemplate(from: source, into: folder)
    }
    if form == .peft { warnOfGrowth(facts, of: stored) }
    try reporting.write(
      Report(
        certificate, spectra: compression.spectra, named: place.url.lastPathComponent,
        facts: Self.measured(facts)), overwrite: replacing.overwrite)
    var result: JSONObject = ["adapter": .string(place.url.relativePath)]
    for (key, value) in facts.entries { result[key] = value }
    guard !results.json else { return try Console.result(result) }
    try Console.result(RankTable(certificate).text)
    let summary = CompressionText(certificate, facts).summary(of: place.url.relativePath)
    for line in summary.split(separator: "\n") + [HealedText.line(facts)].compactMap({ $0?[...] }) {
      try Console.result(String(line).wrapped(to: Terminal.resultColumns))
    }
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
      output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
      sparing: [adapter])
  }

  /// Says by what is pruned if nothing was asked for, and warns if much is discarded.
  private func announceDiscarded(_ certificate: Certificate) {
    let wanted =
      "--max-loss-increase 1% with --model and --data finds the smallest adapter by its loss"
    if policy.given.isEmpty {
      Console.write("note: no policy is given: 99 % of the energy is kept; \(wanted)")
    }
    let share = CompressionText.discardedShare(of: certificate)
    let warning = CompressionText.warning(share, by: policy.text, advice: wanted)
    if let warning { Console.write(warning) }
  }

  /// Warns where the pruned adapter, which is plain LoRA, takes more room than its method did.
  private func warnOfGrowth(_ facts: JSONObject, of stored: StoredAdapter) {
    guard let before = facts["file_bytes_before"]?.integer,
      let after = facts["file_bytes_after"]?.integer, after > before
    else { return }
    Console.write(
      """
      warning: the pruned adapter is larger than before (\(AdapterFileSize.text(before)) → \(AdapterFileSize.text(after))): \
      it is plain LoRA, and \(stored.url.lastPathComponent.printable) holds its updates in fewer numbers
      """)
  }

  /// Warns where the adapter does worse than the base alone: then fewer components lower the loss, and pruning has no sense.
  private func warnOfWorse(than base: Double, _ loss: Double) {
    guard loss > base else { return }
    Console.write(
      String(
        format:
          "warning: on these rows the adapter is worse than the base alone: loss %.4f with it, %.4f without; is it for these rows and this model?",
        loss, base))
  }

  /// Warns where the base alone is within the bound: then the search keeps next to nothing of the adapter.
  private func warnOfLooseBound(_ base: Double, _ before: Quality) throws {
    guard base >= before.loss, let text = measuring.maxLossIncrease,
      let bound = try measuring.bound(below: before), base <= bound.limit
    else { return }
    let meaning =
      text.hasSuffix("%")
      ? "" : "; \(text) is added to the loss, and \(text)% would be a share of it"
    Console.write(
      String(
        format:
          "warning: --max-loss-increase \(text.replacing("%", with: "%%")) accepts a loss of up to %.4f, and the base alone has %.4f: the bound asks nothing of the adapter",
        bound.limit, base) + meaning)
  }

  /// The smallest adapter within the loss or metric that is accepted; nil if none was asked for.
  private func search(_ compression: Compression, _ meter: QualityMeter?) throws -> QualitySearch? {
    guard let meter, let bound = try measuring.bound(below: meter.before) else { return nil }
    var most = 0
    var count = 0
    return try QualitySearch(
      meter, of: compression, in: .largestComponents(of: compression.spectra), within: bound,
      trying: { point in
        count += 1
        Console.write(
          """
          evaluation \(count) of at most \(most), rank \(point.rank): \
          \(CompressionSweep.text(point.quality)); wanted: \(CompressionSweep.text(bound))
          """)
      }, onProgress: { most = $0.mostEvaluations })
  }

  /// What data say of the adapter before and after.
  ///
  /// - Parameter known: how well the adapter does, if that was measured already.
  private static func measured(
    _ draft: EditableAdapter, _ known: Quality?, by meter: QualityMeter
  ) throws -> JSONObject {
    let (before, after) = (meter.before, try known ?? meter.quality(of: draft))
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

  /// What the certificate does not say, for a report: the sizes of the files, and what was measured on data.
  private static func measured(_ facts: JSONObject) -> [Report.Fact] {
    let file = CompressionText.file(facts).map { [Report.Fact("file", $0)] } ?? []
    guard let before = facts["loss_before"]?.double, let after = facts["loss_after"]?.double,
      let divergence = facts["kl"]?.double
    else { return file }
    let unit = facts["after"] == nil ? "token" : "row"
    return file + [
      Report.Fact("loss", String(format: "%.4f → %.4f", before, after)),
      Report.Fact("KL", NumberText.short(divergence) + " nats a \(unit)"),
    ]
  }
}
