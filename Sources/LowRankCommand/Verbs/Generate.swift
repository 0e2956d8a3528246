import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank generate`: continues a prompt.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a prompt, with or without an adapter.",
    discussion: """
      Takes the most likely token unless --temperature is above 0. Several prompts are continued together. With --chat, \
      the chat template of the adapter, else of the model, formats each prompt as a user's message; the answer ends with \
      its turn.

      EXAMPLES:
        lowrank generate --model models/smollm --adapter adapters/e2e --prompt 'name: The Vaults =>'
        lowrank generate --model models/smollm --adapter adapters/chat --chat --prompt 'Tell me of a cat.'
        lowrank generate --model models/smollm --prompt-file data/e2e/test.csv --prompt-column mr
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>

  @Option(
    help: ArgumentHelp(
      "The text to continue; may be given several times. (required, or --prompt-file)",
      valueName: "text"))
  var prompt: [String] = []

  @OptionGroup var promptOptions: PromptOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens to add.", valueName: "n"))
  var maxTokens: Int = 128

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Divides the logits; 0 is greedy.", valueName: "t"))
  var temperature: Double = 0

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Keep the k likeliest tokens.", valueName: "k"))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sample from the most likely tokens up to this total probability.", valueName: "p"))
  var topP: Double = 1

  @Flag(help: "Treat each prompt as a user's message, and write the answer.")
  var chat = false

  @Option(
    help: ArgumentHelp("The system message, with --chat.", valueName: "text"))
  var system: String?

  @OptionGroup var template: TemplateOptions

  func run() throws {
    try check()
    let adapted = try options.loadAdapted(as: .causal)
    let (model, selection) = (adapted.model, adapted.selection)
    guard let folder = model.folder else { throw UsageError("--model DIR is missing") }
    let tokenizer = try model.tokenizer
    let end = try EndOfSequence(
      inModelFolder: folder.url, tokenizer: model.tokenizerFolder
    ) { tokenizer.id(of: $0) }
    let texts = try prompts()
    let chat = try chatEncoding(folder.url, tokenizer, end)
    var lost = LostCharacters()
    let ids = try texts.map { try encoded($0, tokenizer, end, model, chat, &lost) }
    LostText.warn(lost, in: prompt.isEmpty ? promptOptions.promptFile ?? "the prompts" : "--prompt")
    let maxTokens = roomBehind(ids, model)
    var generator = Generator(
      model, prompts: ids, adapters: selection,
      sampling: Sampling(temperature: Float(temperature), topK: topK, topP: Float(topP)),
      stops: end.stops.union(Set(chat?.turnEnd.map { [$0] } ?? [])), maxTokens: maxTokens,
      seed: options.settings.seedBits)
    let start = ContinuousClock.now
    let streams = texts.count == 1 && !options.results.json
    var stream = StreamDecoder(tokenizer, after: ids[0])
    var shown = 0
    // What is refused at the first token has no result, not even the prompt.
    var opening = chat == nil ? texts[0] : ""
    var goesOn = true
    while goesOn {
      do { goesOn = try generator.advance() } catch {
        throw options.nonFinite("\(error)", of: adapted)
      }
      guard streams else { continue }
      try Console.result(opening, terminator: "")
      opening = ""
      for id in generator.sequences[0].tokens.dropFirst(shown) {
        try Console.result(stream.append(id), terminator: "")
      }
      shown = generator.sequences[0].tokens.count
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let count = generator.sequences.reduce(0) { $0 + $1.tokens.count }
    if streams {
      try Console.result(stream.finish())
    } else {
      try report(texts, generator, tokenizer, count, seconds)
    }
    Console.write(
      String(format: "%d tokens, %.1f tokens/s", count, Double(count) / max(seconds, 1e-9)))
  }

  /// `--max-tokens`, or what trained positions leave of it behind the longest prompt.
  private func roomBehind(_ prompts: [[Int32]], _ model: Model) -> Int {
    guard let limit = model.architecture.positionLimit else { return maxTokens }
    let room = limit - (prompts.map(\.count).max() ?? 0)
    if room < maxTokens {
      Console.write("note: at most \(room) tokens fit into the model's \(limit) positions")
    }
    return min(maxTokens, room)
  }

  private func report(
    _ texts: [String], _ generator: Generator, _ tokenizer: Tokenizer, _ count: Int,
    _ seconds: Double
  ) throws {
    // What follows a prompt may begin with a space that no text begins with.
    let completions = generator.sequences.map { sequence in
      var stream = StreamDecoder(tokenizer, after: sequence.prompt)
      return sequence.tokens.map { stream.append($0) }.joined() + stream.finish()
    }
    guard options.results.json else {
      for (text, completion) in zip(texts, completions) {
        try Console.result(chat ? completion : text + completion)
      }
      return
    }
    try Console.result([
      "completions": .array(
        zip(texts, zip(completions, generator.sequences)).map { text, pair in
          [
            "prompt": .string(text), "completion": .string(pair.0),
            "ids": .array(pair.1.tokens.map { .integer(Int($0)) }),
          ]
        }),
      "tokens": .integer(count), "tokens_per_second": .double(Double(count) / max(seconds, 1e-9)),
    ])
  }

  private func check() throws {
    try promptOptions.check()
    try Bounds.check(maxTokens, "--max-tokens")
    guard temperature >= 0, temperature.isFinite else {
      throw UsageError("--temperature is \(temperature), expected 0 or more")
    }
    if let topK, topK < 1 { throw UsageError("--top-k is \(topK), expected at least 1") }
    guard topP > 0, topP <= 1 else {
      throw UsageError("--top-p is \(topP), expected above 0 and at most 1")
    }
    guard !prompt.isEmpty || promptOptions.promptFile != nil else {
      throw UsageError("--prompt TEXT or --prompt-file FILE is missing")
    }
    if !prompt.isEmpty, let file = promptOptions.promptFile {
      Console.write("note: the prompts are those of --prompt, then those of \(file)".printable)
    }
  }

  /// What a user says, up to where the answer begins.
  private func asked(_ text: String, _ chat: ChatEncoding) throws -> String {
    let said = Conversation(
      (system.map { [Conversation.message("system", $0)] } ?? [])
        + [Conversation.message("user", text)])
    return try chat.renderer.render(
      said, turns: said.messages.count, addingGenerationPrompt: true
    ).text
  }

  /// How conversations are written; nil where texts are continued as they are.
  private func chatEncoding(
    _ folder: URL, _ tokenizer: Tokenizer, _ end: EndOfSequence
  ) throws -> ChatEncoding? {
    guard chat else {
      for (flag, value) in [("--system", system), ("--chat-template", template.chatTemplate)]
      where value != nil {
        throw UsageError("\(flag) has no effect without --chat")
      }
      return nil
    }
    if let chat = try template.settings.chat(in: folder, adapter: options.adapter, tokenizer, end) {
      if let warning = try TemplateSettings.splitMarks(
        of: chat.renderer, by: tokenizer, isTrained: false)
      {
        Console.write("warning: \(warning)".printable)
      }
      return chat
    }
    throw UsageError(
      "--chat needs a chat template, but \(folder.relativePath) has none; give one with --chat-template, as --chat-template chatml"
    )
  }

  private func prompts() throws -> [String] {
    let kept = try options.adapter.flatMap { try AdapterFolder.task(at: Located.adapter($0)) }
    if !prompt.isEmpty, !chat, let template = kept.flatMap({ TextColumns(kept: $0).template }) {
      Console.write(
        "note: the adapter was trained on prompts made by \"\(template.text)\"; --prompt is continued as it is"
          .replacing("\n", with: "\\n"))
    }
    let texts = try prompt + promptOptions.prompts(keptIn: kept)
    guard !texts.isEmpty else {
      throw DataError(promptOptions.promptFile ?? "", "the file holds no prompt")
    }
    return texts
  }

  private func encoded(
    _ text: String, _ tokenizer: Tokenizer, _ end: EndOfSequence, _ model: Model,
    _ chat: ChatEncoding?, _ lost: inout LostCharacters
  ) throws -> [Int32] {
    let whole = try chat.map { try asked(text, $0) } ?? text
    let encoding = tokenizer.encode(whole, addSpecialTokens: chat == nil)
    lost.add(encoding.lost, of: whole)
    var ids = encoding.ids
    if chat == nil {
      // A post-processor that ends every text would end the prompt before it is continued.
      if ids.count > 1, let last = ids.last, end.stops.contains(last) { ids.removeLast() }
    }
    guard !ids.isEmpty else {
      throw UsageError("the prompt \"\(text)\" has no token; give it some text")
    }
    let known = model.architecture.vocabularySize
    if let stray = ids.first(where: { Int($0) >= known }) {
      throw DataError(
        "the tokenizer", "it gives token \(stray), but the model knows \(known) tokens")
    }
    if let limit = model.architecture.positionLimit, ids.count >= limit {
      throw UsageError("a prompt of \(ids.count) tokens fills the model's \(limit) positions")
    }
    return ids
  }
}
