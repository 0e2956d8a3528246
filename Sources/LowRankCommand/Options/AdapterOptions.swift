import ArgumentParser
import Foundation
import LowRank

/// The flags that say what an adapter is, by PEFT's names where it has them.
struct AdapterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What is added to the weights, as NAME or NAME:option=value,…; see lowrank methods. (default: lora)",
      valueName: "name"), completion: .methods(.architectures))
  var method: String?

  @Option(
    help: ArgumentHelp(
      "Where the factors start, as NAME or NAME:option=value,…; some read batches of the data first. (default: kaiming)",
      valueName: "name"), completion: .methods(.initializations))
  var `init`: String?

  @Option(
    help: ArgumentHelp(
      "How modules get their ranks, as NAME or NAME:option=value,…. (default: fixed)",
      valueName: "name"), completion: .methods(.ranks))
  var ranks: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rank of every module. (default: 8)", valueName: "r"))
  var rank: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Scales the adapter's update by alpha / rank. (default: twice the rank)", valueName: "a"))
  var alpha: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The probability of dropping an input of the adapter while training. (default: 0)",
      valueName: "p"))
  var dropout: Double?

  @Flag(help: "Scale by alpha / √rank (rank-stabilised LoRA); as --ranks fixed:rslora=true.")
  var rslora = false

  @Flag(help: "Train magnitudes and directions separately (DoRA); as --method dora.")
  var dora = false

  @Option(
    help: ArgumentHelp(
      "Modules by name, comma-separated; all-linear; or qv: queries and values. (default: qv)",
      valueName: "names"), completion: .target)
  var target: String?

  @Option(
    help: ArgumentHelp("Modules whose whole path matches a regular expression.", valueName: "re"))
  var targetRegex: String?

  @Option(help: ArgumentHelp("Modules to leave out, comma-separated.", valueName: "names"))
  var exclude: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Layers by number, as 0,2,8-11. (default: all)", valueName: "list"))
  var layers: String?

  @Option(help: ArgumentHelp("Ranks of single modules, as q_proj=4,up_proj=16.", valueName: "k=v"))
  var rankPattern: String?

  @Option(help: ArgumentHelp("Alphas of single modules, as q_proj=8.", valueName: "k=v"))
  var alphaPattern: String?

  @Option(
    help: ArgumentHelp(
      "Biases of the model to train: none, all, or lora_only (those of adapted modules). (default: none)",
      valueName: "which"), completion: .list(["none", "all", "lora_only"]))
  var bias: String?

  @Option(
    help: ArgumentHelp(
      "Modules to train and save whole, comma-separated.", valueName: "names"))
  var modulesToSave: String?

  @Option(
    help: ArgumentHelp(
      "Tokens whose rows of the embeddings are trained, in a tied head too: ids or texts, comma-separated.",
      valueName: "tokens"))
  var trainableTokens: String?

  @OptionGroup var tokens: TokenOptions

  /// The flag that names the modules to adapt.
  var targetFlag: String { targetRegex == nil ? "--target" : "--target-regex" }

  /// The flags that were given, by name.
  var given: [String] {
    let options: [(String, Bool)] = [
      ("--method", method != nil), ("--init", self.`init` != nil), ("--ranks", ranks != nil),
      ("--rank", rank != nil), ("--alpha", alpha != nil), ("--dropout", dropout != nil),
      ("--rslora", rslora), ("--dora", dora), ("--target", target != nil),
      ("--target-regex", targetRegex != nil), ("--exclude", exclude != nil),
      ("--layers", layers != nil), ("--rank-pattern", rankPattern != nil),
      ("--alpha-pattern", alphaPattern != nil), ("--bias", bias != nil),
      ("--modules-to-save", modulesToSave != nil), ("--trainable-tokens", trainableTokens != nil),
      ("--add-tokens", tokens.addTokens != nil),
    ]
    return options.filter(\.1).map(\.0)
  }

  /// Refuses what makes no sense for any model.
  func check() throws {
    do {
      try configuration().check()
    } catch AdapterError.invalid(let key, let value, let expected) {
      // "rank pattern q_proj" is said of --rank-pattern.
      let flag = key.replacing(" pattern ", with: "-pattern ")
      throw UsageError("--\(flag) is \(value), expected \(expected)")
    } catch let error as AdapterError {
      throw error.usage() ?? error
    }
  }

  /// The adapter asked for.
  ///
  /// - Parameter isResumed: whether a state restores its values, so that no start is worked out.
  func configuration(isResumed: Bool = false) throws -> AdapterConfiguration {
    if let dropout, !(0..<1).contains(Float(dropout)) {
      throw UsageError("--dropout is \(dropout), expected a probability of 0 or more and below 1")
    }
    let rank = rank ?? 8
    let rule = MethodRegistries.ranks.make(try ranksChoice())
    return AdapterConfiguration(
      target: try parsedTarget(),
      method: try startedMethod(isResumed),
      ranks: PatternRanks(
        rank: rank, alpha: alpha ?? Double(2 * rank), isRankStabilized: rule.isRankStabilized,
        rankPattern: try entries(rankPattern, of: "--rank-pattern") { Int($0) },
        alphaPattern: try entries(alphaPattern, of: "--alpha-pattern") { Double($0) }),
      bias: try parsedBias(), modulesToSave: try list(modulesToSave, of: "--modules-to-save"))
  }

  /// What these flags say of ranks, scales and layers, for a state that must not be continued
  /// otherwise.
  var settings: JSONObject {
    get throws {
      let (method, ranks) = (try methodChoice(), try ranksChoice())
      let dropout = method.options["dropout"]?.double ?? 0
      func number(_ value: Double) -> JSONValue {
        Int(exactly: value).map { .integer($0) } ?? .double(value)
      }
      return [
        "rank": .integer(rank ?? 8), "alpha": number(alpha ?? Double(2 * (rank ?? 8))),
        "dropout": number(dropout),
        "rslora": .bool(ranks.options["rslora"]?.bool ?? false),
        "dora": .bool(method.name == "dora"),
        "layers": try parsedLayers().map { .array($0.map { .integer($0) }) } ?? .null,
      ]
    }
  }

  /// The architecture, for which `--dora` and `--dropout` stand too.
  private func methodChoice() throws -> MethodChoice {
    let registry = MethodRegistries.architectures
    if dora, let method, try registry.chosen(method).name != "dora" {
      throw UsageError("--dora is --method dora, but --method is \(method); give one of the two")
    }
    let choice = try registry.chosen(method ?? (dora ? "dora" : nil))
    // Nothing is dropped by a method without a dropout either.
    let hasOption = registry.card(of: choice).options.contains { $0.name == "dropout" }
    guard let dropout, dropout != 0 || hasOption else { return choice }
    return try registry.setting("dropout", to: .some(.double(dropout)), by: "--dropout", of: choice)
  }

  /// The initialization; nil for the method's own.
  func initChoice() throws -> MethodChoice? {
    try self.`init`.map { try MethodRegistries.initializations.chosen($0) }
  }

  /// The start that is made from statistics of data; nil for one that needs none.
  func startOfData() throws -> (any Initialization)? {
    guard let choice = try initChoice() else { return nil }
    let start = MethodRegistries.initializations.make(choice)
    return start.needs.areOfData ? start : nil
  }

  /// The rule of ranks, for which `--rslora` stands too.
  private func ranksChoice() throws -> MethodChoice {
    let choice = try MethodRegistries.ranks.chosen(ranks)
    return try MethodRegistries.ranks.setting(
      "rslora", to: rslora ? .some(.bool(true)) : .none, by: "--rslora", of: choice)
  }

  private func startedMethod(_ isResumed: Bool) throws -> any Method {
    let choice = try methodChoice()
    let method = MethodRegistries.architectures.make(choice)
    guard alpha == nil || method.dialect.alphaKey != nil else {
      throw UsageError("--alpha has no effect with --method \(choice.name), which has no scale")
    }
    guard let start = try initChoice() else {
      return isResumed ? method.awaitingValues() : method
    }
    let whole = MethodRegistries.initializations.make(start)
    // Statistics of data are collected once the adapter's modules are known.
    let begin: any Initialization =
      isResumed && whole.isOffset || whole.needs.areOfData ? RestoredStart(like: whole) : whole
    guard let started = method.starting(at: begin) else {
      let why =
        method.starting(at: KaimingStart()) == nil
        ? "\(choice.name) has a start of its own"
        : "\(choice.name) adds no product B A from which the start could be subtracted"
      throw UsageError(
        "\(MethodError.apart(choice.name, .architectures, start.name, .initializations, why: why))")
    }
    return started
  }

  /// The tokens of `--trainable-tokens`, or nil without the flag.
  ///
  /// - Parameter base: the model with the tokenizer, which is opened only if a token is given as text.
  /// - Throws: `UsageError` for a text that is not a token, and what opening the tokenizer throws.
  func trainedTokens(of base: Model) throws -> TrainedTokens? {
    guard trainableTokens != nil else { return nil }
    let flag = "--trainable-tokens"
    var (tokens, tokenizer): ([Int], Tokenizer?) = ([], nil)
    for part in try list(trainableTokens, of: flag) {
      if let number = Int(part) {
        let count = base.architecture.vocabularySize
        guard (0..<count).contains(number) else {
          throw UsageError(
            "\(flag) names token \(number), but the model has tokens 0 to \(count - 1)")
        }
        tokens.append(number)
        continue
      }
      let known = try tokenizer ?? base.tokenizer
      tokenizer = known
      guard let token = known.id(of: part) else {
        throw UsageError(
          "\(flag): \"\(part)\" is not a single token of the model's tokenizer; give token ids instead"
        )
      }
      tokens.append(Int(token))
    }
    guard Set(tokens).count == tokens.count else {
      throw UsageError("\(flag) is \"\(trainableTokens ?? "")\", which names a token twice")
    }
    return .embeddings(tokens)
  }

  private func parsedTarget() throws -> Target {
    let excluded = try list(exclude, of: "--exclude")
    guard target == nil || targetRegex == nil else {
      throw UsageError("give either --target or --target-regex, not both")
    }
    let modules: Target.Modules
    if let targetRegex {
      modules = .matching(try pattern(of: "--target-regex") { try PathPattern(targetRegex) })
      guard layers == nil else {
        throw UsageError(
          "--layers has no effect with --target-regex; put the layers into the pattern")
      }
    } else {
      switch target ?? "qv" {
      case "qv": modules = .queryValue
      case "all-linear": modules = .allLinear
      case let names: modules = .named(try list(names, of: "--target"))
      }
    }
    return Target(
      modules, excluded: excluded.isEmpty ? nil : .named(excluded), layers: try parsedLayers())
  }

  private func parsedLayers() throws -> [Int]? {
    guard let layers else { return nil }
    return try list(layers, of: "--layers").flatMap { part -> [Int] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends[0], let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        throw UsageError("--layers is \"\(layers)\", expected numbers and ranges as 0,2,8-11")
      }
      try Bounds.check(last, "the last of --layers", from: 0, to: Bounds.layer)
      return Array(first...last)
    }
  }

  private func parsedBias() throws -> AdapterConfiguration.Bias {
    guard let bias else { return .none }
    guard let parsed = AdapterConfiguration.Bias(rawValue: bias) else {
      throw UsageError.value(bias, of: "--bias", expected: ["none", "all", "lora_only"])
    }
    return parsed
  }

  private func entries<Value>(
    _ text: String?, of flag: String, _ parse: (Substring) -> Value?
  ) throws -> [PatternRanks.Entry<Value>] {
    try list(text, of: flag).map { part in
      guard let equals = part.lastIndex(of: "="), let value = parse(part[equals...].dropFirst())
      else { throw UsageError("\(flag): \"\(part)\" is not of the form name=number") }
      return try pattern(of: flag) { try PatternRanks.Entry(String(part[..<equals]), value) }
    }
  }

  /// Says of which flag a text is no regular expression.
  private func pattern<Pattern>(of flag: String, _ make: () throws -> Pattern) throws -> Pattern {
    do { return try make() } catch let error as PatternError {
      throw UsageError("\(flag): \(error)")
    }
  }

  /// The parts between commas, of which a flag that is given has one or more.
  private func list(_ text: String?, of flag: String) throws -> [String] {
    guard let text else { return [] }
    let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !parts.isEmpty, !parts.contains("") else {
      throw UsageError("\(flag) is \"\(text)\", expected values between commas")
    }
    return parts
  }
}
