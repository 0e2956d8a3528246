import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConsole
import LowRankSessions

/// `lowrank extract`: the adapter between two full models.
struct Extract: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Make an adapter of what fine-tuning changed in a full model.",
    discussion: """
      Decomposes the difference of every linear map by randomised SVD, into at most --rank components; a policy then \
      chooses ranks over all maps at once. Shares of energy are shares of the whole difference. Factors cannot represent \
      norms, embeddings, biases and heads: those that changed are named, and so are keys of config.json. --whole saves these \
      modules whole, and refuses if the result would still differ from the tuned model. The head of a classifier is always \
      saved, as in PEFT.

      EXAMPLE:
        lowrank extract --base models/smollm --tuned models/smollm-chat --output adapters/chat --rank 64 --energy 0.9
      """)

  @Option(
    help: ArgumentHelp(
      "The model before: a folder, or a name on the hub. (required)", valueName: "model"),
    completion: .model)
  var base: String?

  @Option(
    help: ArgumentHelp(
      "The model after fine-tuning: a folder, or a name on the hub. (required)", valueName: "model"),
    completion: .model)
  var tuned: String?

  @Option(
    help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"),
    completion: .folder)
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest number of components for a module.", valueName: "r"))
  var rank: Int = 16

  @Option(
    help: ArgumentHelp(
      "The modules to extract by the last part of their names, as q_proj,v_proj. (default: every linear map)",
      valueName: "names"), completion: .target)
  var target: String?

  @OptionGroup(title: "Policy (default: all components; no --size)") var policy: PolicyOptions

  @Flag(
    help: "Save changed norms, embeddings, biases and heads whole (modules_to_save).")
  var whole = false

  @Option(
    help: ArgumentHelp("How factors are stored: f32, bf16 or f16.", valueName: "type"),
    completion: .storedType)
  var dtype: String = "f32"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of the random start.", valueName: "n"))
  var seed: Int = 0

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup var replacing: OverwriteOption<ResultFolder>

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let base else { throw UsageError("--base DIR is missing") }
    guard let tuned else { throw UsageError("--tuned DIR is missing") }
    guard let output else { throw UsageError("--output DIR is missing") }
    try Bounds.check(rank, "--rank")
    guard let type = StoredType(flag: dtype) else {
      throw UsageError.value(dtype, of: "--dtype", expected: ["f32", "bf16", "f16"])
    }
    guard policy.size == nil else {
      throw UsageError("--size has no effect in extract; give --parameters")
    }
    let ranks = try policy.policy()
    try threadOptions.check()
    let place = try OutputFolder(
      output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
      sparing: [base, tuned])
    let (first, second) = (
      try ModelFolder(at: Located.model(base)), try ModelFolder(at: Located.model(tuned))
    )
    let names = try wantedNames(in: first)
    let extraction = try Extraction(
      from: first, to: second, rank: rank, seed: UInt64(bitPattern: Int64(seed))
    ) { path in
      names.isEmpty || names.contains(String(path.split(separator: ".").last ?? ""))
    }
    for remainder in leftOut(of: extraction) {
      Console.write(
        String(
          format: "note: %@ differs by %.4g and is left out", remainder.name, remainder.norm))
    }
    announce(extraction)
    var (draft, certificate) = try extraction.keeping(
      ranks?.ranks(for: extraction.spectra) ?? extraction.spectra.map(\.values.count),
      base: first.origin?.model ?? base,
      as: type, savesWholes: whole)
    announceLimit(certificate, ranks)
    if let origin = first.origin { draft.config["revision"] = .string(origin.commit) }
    try draft.remember(first, task: extraction.task)
    try place.publish { folder in
      try draft.write(as: .peft, into: folder)
      try JSONValue.object(certificate.json).write(to: folder.appending(path: "certificate.json"))
    }
    try report(certificate, extraction, place.url.relativePath)
  }

  /// The differences that the adapter does not hold.
  private func leftOut(of extraction: Extraction) -> [Extraction.Remainder] {
    let kept = whole ? extraction.wholeModules : []
    return extraction.remainders.filter { remainder in
      !kept.contains { remainder.name.hasPrefix($0 + ".") }
    }
  }

  /// Says where --rank, and not the policy, decides, and warns if much is discarded.
  private func announceLimit(_ certificate: Certificate, _ ranks: (any RankPolicy)?) {
    let limited = limited(certificate)
    if ranks != nil, !limited.isEmpty {
      Console.write(
        """
        note: --rank \(rank) limits \(policy.text): \(limited.count) of \(certificate.modules.count) modules keep \
        \(rank) components, the most that were looked for
        """)
    }
    let decides = ranks == nil || !limited.isEmpty ? "--rank \(rank)" : policy.text
    let advice =
      limited.isEmpty
      ? "give a policy that keeps more"
      : "\(limited.count) of \(certificate.modules.count) modules have more components; give a larger --rank"
    let warning = CompressionText.warning(
      CompressionText.discardedShare(of: certificate), by: decides, advice: advice)
    if let warning { Console.write(warning) }
  }

  /// The modules that keep --rank components and have more, of more than a thousandth of their energy.
  private func limited(_ certificate: Certificate) -> [Certificate.Module] {
    certificate.modules.filter {
      $0.rankAfter == rank && $0.rankBefore > rank && $0.discardedEnergy > 1e-3 * $0.energy
    }
  }

  /// Reports what only the tuned model has, and how the configurations differ.
  private func announce(_ extraction: Extraction) {
    if !extraction.added.isEmpty {
      Console.write(
        "note: only the tuned model has \(extraction.added.joined(separator: ", ")): kept whole")
    }
    let difference = extraction.configuration
    guard !difference.keys.isEmpty else { return }
    Console.write(
      "note: the configurations differ in \(difference.keys.joined(separator: ", ")), which no adapter holds"
        + (difference.changesNumbers
          ? "; the adapter uses the base's values, so the result is not the tuned model" : "")
    )
  }

  private func wantedNames(in folder: ModelFolder) throws -> [String] {
    let names = (target ?? "").split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }
    let known = try Architectures.described(by: folder.config).linearNames
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw UsageError(
        "--target names \"\(unknown)\", which the model lacks; it has \(known.joined(separator: ", "))"
          + suggestion(for: unknown, among: known)
      )
    }
    return names
  }

  private func report(_ certificate: Certificate, _ extraction: Extraction, _ place: String) throws
  {
    guard !results.json else {
      var result: JSONObject = ["adapter": .string(place)]
      for (key, value) in certificate.json.entries { result[key] = value }
      result["discarded_energy_share"] = .double(CompressionText.discardedShare(of: certificate))
      result["modules_at_rank_limit"] = .integer(limited(certificate).count)
      result["left_out"] = .array(
        leftOut(of: extraction).map { ["name": .string($0.name), "norm": .double($0.norm)] })
      let kept = (whole ? extraction.wholeModules : []) + extraction.headModules
      result["kept_whole"] = .array(kept.map { .string($0) })
      result["only_in_tuned"] = .array(extraction.added.map { .string($0) })
      result["config_keys"] = .array(extraction.configuration.keys.map { .string($0) })
      return try Console.result(result)
    }
    try Console.result(RankTable(certificate).text)
    try Console.result(
      String(
        format: "%@: rank %d, %d parameters, %.2f %% of the energy by which linear maps differ",
        place,
        certificate.rankAfter, certificate.parametersAfter,
        100 * (1 - CompressionText.discardedShare(of: certificate))))
    let left = leftOut(of: extraction).map(\.name)
    if !left.isEmpty {
      try Console.result("left out: \(left.joined(separator: ", "))".printable)
    }
  }
}
