import Foundation
import LowRank

extension AdapterSettings {
  /// The setting that names the modules to adapt.
  package var targetKey: RunKey { targetPattern == nil ? .target : .targetPattern }

  /// The settings that were given.
  package var given: [RunKey] {
    let options: [(RunKey, Bool)] = [
      (.method, method != nil), (.initialization, initialization != nil), (.ranks, ranks != nil),
      (.rank, rank != nil), (.alpha, alpha != nil), (.dropout, dropout != nil),
      (.rslora, rslora), (.dora, dora), (.target, target != nil),
      (.targetPattern, targetPattern != nil), (.exclude, exclude != nil),
      (.layers, layers != nil), (.rankPattern, rankPattern != nil),
      (.alphaPattern, alphaPattern != nil), (.bias, bias != nil),
      (.modulesToSave, modulesToSave != nil), (.trainableTokens, trainableTokens != nil),
      (.addTokens, addedTokens.tokens != nil),
    ]
    return options.filter(\.1).map(\.0)
  }

  /// Refuses what makes no sense for any model.
  package func check() throws {
    do {
      let configuration = try configuration()
      try configuration.check()
      try checkSigns(of: configuration.ranks)
    } catch AdapterError.invalid(let key, let value, let expected) {
      // "rank pattern q_proj" is said of the patterns of ranks.
      var words = key.replacing(" pattern ", with: "_pattern ").split(separator: " ", maxSplits: 1)
      guard let known = RunKey(rawValue: String(words.removeFirst())) else {
        throw SettingsError("\(key) is \(value), expected \(expected)")
      }
      let module = words.first.map { " \($0)" } ?? ""
      throw SettingsError("\(known)\(module) is \(value), expected \(expected)")
    } catch let error as AdapterError {
      throw error.settingsError() ?? error
    }
  }

  /// Refuses scales below 0, which adapters in files may have, as those that are subtracted, but no run to train is begun with.
  private func checkSigns(of ranks: PatternRanks) throws {
    if ranks.alpha < 0 {
      throw SettingsError("\(.alpha) is \(ranks.alpha), expected a number above 0")
    }
    if let entry = ranks.alphaPattern.first(where: { $0.value < 0 }) {
      throw SettingsError(
        "\(.alphaPattern) \(entry.key) is \(entry.value), expected a number above 0")
    }
  }

  /// The adapter asked for.
  ///
  /// - Parameter isResumed: whether a state restores its values, so that no start is worked out.
  package func configuration(isResumed: Bool = false) throws -> AdapterConfiguration {
    if let dropout, !(0..<1).contains(Float(dropout)) {
      throw SettingsError(
        "\(.dropout) is \(dropout), expected a probability of 0 or more and below 1")
    }
    let rule = try rankRule()
    let rank = rank ?? rule.standardRank
    return AdapterConfiguration(
      target: try parsedTarget(),
      method: try startedMethod(isResumed),
      ranks: PatternRanks(
        rank: rank, alpha: alpha ?? Double(2 * rank), isRankStabilized: rule.isRankStabilized,
        rankPattern: try entries(rankPattern, of: .rankPattern) { Int($0) },
        alphaPattern: try entries(alphaPattern, of: .alphaPattern) { Double($0) }),
      bias: try parsedBias(), modulesToSave: try list(modulesToSave, of: .modulesToSave))
  }

  /// What these settings say of ranks, scales and layers, for a state that must not be continued
  /// otherwise.
  package var settings: JSONObject {
    get throws {
      let (method, ranks) = (try methodChoice(), try ranksChoice())
      let rank = try rank ?? rankRule().standardRank
      let dropout = method.options["dropout"]?.double ?? 0
      func number(_ value: Double) -> JSONValue {
        Int(exactly: value).map { .integer($0) } ?? .double(value)
      }
      return [
        "rank": .integer(rank), "alpha": number(alpha ?? Double(2 * rank)),
        "dropout": number(dropout),
        "rslora": .bool(ranks.options["rslora"]?.bool ?? false),
        "dora": .bool(method.name == "dora"),
        "layers": try parsedLayers().map { .array($0.map { .integer($0) }) } ?? .null,
      ]
    }
  }

  /// The architecture, for which `dora` and `dropout` stand too.
  func methodChoice() throws -> MethodChoice {
    let registry = MethodRegistries.architectures
    if dora, let method, method.name != "dora" {
      throw SettingsError(
        "\(.dora) is \(.method) dora, but \(.method) is \(method); give one of the two")
    }
    let asked = try rankRule().architectures.first
    let choice =
      try method
      ?? (dora
        ? MethodChoice("dora", on: .architectures)
        : asked.map { try MethodChoice($0, on: .architectures) } ?? registry.standard)
    // Nothing is dropped by a method without a dropout either.
    let hasOption = registry.card(of: choice).options.contains { $0.name == "dropout" }
    guard let dropout, dropout != 0 || hasOption else { return choice }
    return try registry.setting("dropout", to: .some(.double(dropout)), by: .dropout, of: choice)
  }

  /// The start that is made from statistics of data; nil for one that needs none.
  package func startOfData() throws -> (any Initialization)? {
    let start = try rankRule().start ?? initialization.map(MethodRegistries.initializations.make)
    return start.flatMap { $0.needs.areOfData ? $0 : nil }
  }

  /// How modules get their ranks.
  package func rankRule() throws -> RankRule {
    MethodRegistries.ranks.make(try ranksChoice())
  }

  /// The rule of ranks as a state must not be continued otherwise; null for ranks that stay.
  func ranksIdentity() throws -> JSONValue {
    let choice = try ranksChoice()
    return choice.name == MethodRegistries.ranks.standard.name ? .null : .object(choice.json)
  }

  /// Refuses a rule of ranks that does not go with the architecture or with the start.
  private func checkRanks(_ method: MethodChoice) throws {
    let (name, rule) = (try ranksChoice().name, try rankRule())
    let refusal =
      rule.refusal(of: method.name, name: name)
      ?? initialization.flatMap {
        rule.refusal(of: $0.name, MethodRegistries.initializations.make($0), name: name)
      }
    if let refusal { throw SettingsError(KeyedText("\(refusal)" as String)) }
  }

  /// The rule of ranks, for which `rslora` stands too.
  private func ranksChoice() throws -> MethodChoice {
    let choice = ranks ?? MethodRegistries.ranks.standard
    return try MethodRegistries.ranks.setting(
      "rslora", to: rslora ? .some(.bool(true)) : .none, by: .rslora, of: choice)
  }

  private func startedMethod(_ isResumed: Bool) throws -> any Method {
    let choice = try methodChoice()
    try checkRanks(choice)
    let method = MethodRegistries.architectures.make(choice)
    guard alpha == nil || method.dialect.alphaKey != nil else {
      throw SettingsError(
        "\(.alpha) has no effect with \(.method) \(choice.name), which has no scale")
    }
    if let start = try rankRule().start {
      return method.starting(at: RestoredStart(like: start)) ?? method
    }
    guard let start = initialization else {
      return isResumed ? method.awaitingValues() : method
    }
    let whole = MethodRegistries.initializations.make(start)
    // Statistics of data are collected once the adapter's modules are known.
    let isRestored = isResumed && (whole.isOffset || whole.changesModel)
    let begin: any Initialization =
      isRestored || whole.needs.areOfData ? RestoredStart(like: whole) : whole
    guard let started = method.starting(at: begin) else {
      let why =
        method.starting(at: KaimingStart()) == nil
        ? "\(choice.name) has a start of its own"
        : "\(choice.name) adds no product B A from which the start could be subtracted"
      throw SettingsError(
        "\(MethodError.apart(choice.name, .architectures, start.name, .initializations, why: why))")
    }
    guard !whole.choosesRanks || !method.dialect.missing.contains("rank_pattern") else {
      throw SettingsError(
        """
        \(.initialization) \(start.name) gives modules ranks of their own, which \(.method) \(choice.name) cannot have; \
        give \(start.name):rho=1, which keeps them
        """)
    }
    return started
  }

  /// The tokens whose rows are trained, or nil if none are asked for.
  ///
  /// - Parameter base: the model with the tokenizer, which is opened only if a token is given as text.
  /// - Throws: `SettingsError` for a text that is not a token, and what opening the tokenizer throws.
  package func trainedTokens(of base: Model) throws -> TrainedTokens? {
    guard trainableTokens != nil else { return nil }
    let key = RunKey.trainableTokens
    var (tokens, tokenizer): ([Int], Tokenizer?) = ([], nil)
    for part in try list(trainableTokens, of: key) {
      if let number = Int(part) {
        let count = base.architecture.vocabularySize
        guard (0..<count).contains(number) else {
          throw SettingsError(
            "\(key) names token \(number), but the model has tokens 0 to \(count - 1)")
        }
        tokens.append(number)
        continue
      }
      let known = try tokenizer ?? base.tokenizer
      tokenizer = known
      guard let token = known.id(of: part) else {
        throw SettingsError(
          "\(key): \"\(part)\" is not a single token of the model's tokenizer; give token ids instead"
        )
      }
      tokens.append(Int(token))
    }
    guard Set(tokens).count == tokens.count else {
      throw SettingsError("\(key) is \"\(trainableTokens ?? "")\", which names a token twice")
    }
    return .embeddings(tokens)
  }

  private func parsedTarget() throws -> Target {
    let excluded = try list(exclude, of: .exclude)
    guard target == nil || targetPattern == nil else {
      throw SettingsError("give either \(.target) or \(.targetPattern), not both")
    }
    let modules: Target.Modules
    if let targetPattern {
      modules = .matching(try pattern(of: .targetPattern) { try PathPattern(targetPattern) })
      guard layers == nil else {
        throw SettingsError(
          "\(.layers) has no effect with \(.targetPattern); put the layers into the pattern")
      }
    } else {
      switch target ?? "qv" {
      case "qv": modules = .queryValue
      case "all-linear": modules = .allLinear
      case let names: modules = .named(try list(names, of: .target))
      }
    }
    return Target(
      modules, excluded: excluded.isEmpty ? nil : .named(excluded), layers: try parsedLayers())
  }

  private func parsedLayers() throws -> [Int]? {
    guard let layers else { return nil }
    return try list(layers, of: .layers).flatMap { part -> [Int] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends[0], let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        throw SettingsError("\(.layers) is \"\(layers)\", expected numbers and ranges as 0,2,8-11")
      }
      try Bounds.check(last, "the last of \(.layers)", from: 0, to: Bounds.layer)
      return Array(first...last)
    }
  }

  private func parsedBias() throws -> AdapterConfiguration.Bias {
    guard let bias else { return .none }
    guard let parsed = AdapterConfiguration.Bias(rawValue: bias) else {
      throw SettingsError.value(bias, of: .bias, expected: ["none", "all", "lora_only"])
    }
    return parsed
  }

  private func entries<Value>(
    _ text: String?, of key: RunKey, _ parse: (Substring) -> Value?
  ) throws -> [PatternRanks.Entry<Value>] {
    try list(text, of: key).map { part in
      guard let equals = part.lastIndex(of: "="), let value = parse(part[equals...].dropFirst())
      else { throw SettingsError("\(key): \"\(part)\" is not of the form name=number") }
      return try pattern(of: key) { try PatternRanks.Entry(String(part[..<equals]), value) }
    }
  }

  /// Says of which setting a text is no regular expression.
  private func pattern<Pattern>(of key: RunKey, _ make: () throws -> Pattern) throws -> Pattern {
    do { return try make() } catch let error as PatternError {
      throw SettingsError("\(key): \(error)")
    }
  }

  /// The parts between commas, of which a text that is given has one or more.
  private func list(_ text: String?, of key: RunKey) throws -> [String] {
    guard let text else { return [] }
    let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !parts.isEmpty, !parts.contains("") else {
      throw SettingsError("\(key) is \"\(text)\", expected values between commas")
    }
    return parts
  }
}
