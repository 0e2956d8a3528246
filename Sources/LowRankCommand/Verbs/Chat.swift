import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankServing
import LowRankSessions

/// `lowrank chat`: a conversation in the terminal, whose adapter may be changed while talking.
struct Chat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Talk to a model in the terminal, and change the adapter while talking.",
    discussion: """
      Each line is a message. Lines that begin with a slash are commands: /adapter NAME lets another adapter answer, /adapter \
      alone lists them, /system TEXT says what the model is told first, /clear forgets what was said, /help lists the \
      commands, and /quit ends. The messages so far stay when the adapter changes. Ctrl-C ends an answer; a second one, or one \
      at the prompt, ends the conversation.

      EXAMPLES:
        lowrank chat --model models/smollm --adapter formal=adapters/formal --adapter pirate=adapters/pirate
        lowrank chat --model models/smollm --adapters adapters --chat-template chatml
      """)

  @OptionGroup var served: ServedModelOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens of an answer.", valueName: "n"))
  var maxTokens: Int = 512

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Divides the logits; 0 is greedy.", valueName: "t"))
  var temperature: Double = 0

  @Option(
    help: ArgumentHelp("What the model is told first.", valueName: "text"))
  var system: String?

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    try Bounds.check(maxTokens, "--max-tokens")
    guard temperature >= 0, temperature.isFinite else {
      throw UsageError("--temperature is \(temperature), expected 0 or more")
    }
    let (model, configuration) = try served.prepared(name: nil, as: .causal)
    if try !configuration.hasTemplate(of: model), let folder = model.folder {
      let isAlone = configuration.adapters.isEmpty && configuration.folder == nil
      let place = folder.url.relativePath
      throw UsageError(
        (isAlone ? "\(place) has no" : "neither \(place) nor an adapter has a")
          + " chat template; give one with --chat-template, as --chat-template chatml")
    }
    let session = try ChatSession(model, configuration)
    session.rule.temperature = Float(temperature)
    session.maxTokens = maxTokens
    session.setSystem(system)
    if let first = configuration.adapters.first?.name {
      do { try Self.wait { try await session.use(first) } } catch let error as ServingError {
        throw ChatRefusal(error.inChat)
      }
    }
    Interruption.writeNoFiles()
    let isTerminal = isatty(STDIN_FILENO) == 1
    if isTerminal { Self.say("Talking to \(session.current); /help lists the commands") }
    while true {
      if isTerminal { try Console.result("\(session.current)> ", terminator: "") }
      guard let line = readLine() else { break }
      if isTerminal { Console.lineWasEnded() }
      let text = line.trimmingCharacters(in: .whitespaces)
      guard !text.isEmpty else { continue }
      if text.hasPrefix("/") {
        guard try obey(text, session) else { break }
        continue
      }
      try Self.warning {
        _ = try Self.wait {
          try await session.answer(to: text) { try Console.result($0, terminator: "") }
        }
        try Console.result("")
      }
    }
    if isTerminal { try Console.result("") }
  }

  /// Does what may be refused or broken off; then the conversation goes on all the same.
  ///
  /// A signal other than Ctrl-C ends the process.
  /// - Throws: what writing to standard output throws.
  private static func warning(_ work: () throws -> Void) throws {
    do {
      try work()
      // It may have come when the work was just done.
      if Interruption.isRequested { throw Interrupted() }
    } catch let error as ServingError {
      say("warning: \(error.inChat)")
    } catch let error as ChatRefusal {
      let remedy = error == .noTemplate ? "; start chat with --chat-template, as chatml" : ""
      say("warning: \(error)\(remedy)")
    } catch is Interrupted {
      let goesOn = Interruption.takeBackCtrlC()
      try Console.result("")
      guard goesOn else { Interruption.endBySignal() }
      say("stopped; Ctrl-C again ends the conversation")
    }
  }

  /// Obeys a command.
  ///
  /// - Returns: Whether the conversation goes on.
  private func obey(_ text: String, _ session: ChatSession) throws -> Bool {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    let value = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : nil
    switch (parts[0], value) {
    case ("/quit", nil), ("/exit", nil): return false
    case ("/clear", nil):
      session.clear()
      Self.say("forgotten")
    case ("/adapters", nil), ("/adapter", nil):
      for name in session.names {
        try Console.result((name == session.current ? "* " : "  ") + name.printable)
      }
    case ("/adapter", let name?):
      try Self.warning {
        try Self.wait { try await session.use(name) }
        Self.say("\(session.current) answers from now on")
      }
    case ("/system", _):
      session.setSystem(value)
      Self.say(value == nil ? "nothing is said first" : "said first from now on")
    case ("/help", nil):
      for (command, meaning) in Self.commands(session.current) {
        Self.say(command.padding(toLength: 15, withPad: " ", startingAt: 0) + meaning, indent: 15)
      }
    default:
      let isKnown = ["/quit", "/exit", "/clear", "/adapters", "/help"].contains(parts[0])
      Self.say(
        isKnown
          ? "warning: \(parts[0]) stands alone, without \(value ?? "")"
          : "warning: there is no command \(parts[0]); /help lists them")
    }
    return true
  }

  /// The commands, and what each does.
  private static func commands(_ current: String) -> [(String, String)] {
    [
      ("/adapter NAME", "lets another adapter, or the base, answer"),
      ("/adapter", "lists them, with a star before the one that answers: now \(current)"),
      ("/system TEXT", "says what the model is told first; without TEXT, nothing"),
      ("/clear", "forgets what was said"),
      ("/quit", "ends, as do Ctrl-D, and Ctrl-C while nothing is answered"),
    ]
  }

  /// Writes a line for people, as wide as their terminal.
  private static func say(_ line: String, indent: Int = 2) {
    Console.write(
      line.printable.wrapped(to: Terminal.columns(of: STDERR_FILENO), indent: indent))
  }

  /// Waits for work on a session, of which one piece is done at a time.
  private static func wait<Value: Sendable>(
    _ work: @escaping () async throws -> Value
  ) throws -> Value {
    let work = Handover(work)
    return try AsyncWork.result { try await work.value() }
  }
}
