import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankHub
import LowRankSessions

/// `lowrank push`: puts an adapter into a repository of the hub, with a card that says what it is.
struct Push: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put an adapter on the Hugging Face hub, with a card that says what it is.",
    discussion: """
      Checks the adapter first. Its configuration, weights, chat template and card become one commit. The card states base, \
      data, metrics, ranks and how the adapter was made, as far as the folder and its run know; a README.md in the folder \
      is sent instead. Missing repositories and branches are created. The run's state is not sent, nor are files that the \
      repository has already. HF_TOKEN, or the token of Python's login, must have the right to write.

      EXAMPLES:
        lowrank push my-adapter me/my-adapter --dry-run
        lowrank push my-adapter me/my-adapter --private --license apache-2.0
        lowrank push my-adapter team/adapter --create-pr --message 'Train on more rows'
      """)

  @Argument(
    help: ArgumentHelp("The adapter's folder. (required)", valueName: "adapter"),
    completion: .adapter)
  var adapter: String?

  @Argument(
    help: ArgumentHelp(
      "owner/name on the hub, or name for a repository of the token's owner. (required)",
      valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "The branch to commit to; created if it is missing. (default: main)", valueName: "branch"))
  var revision: String?

  @Flag(help: "Create the repository as private.")
  var `private` = false

  @Option(help: ArgumentHelp("The commit's title.", valueName: "text"))
  var message: String = "Upload adapter with lowrank"

  @Flag(help: "Propose the change as a pull request.")
  var createPr = false

  @Option(
    help: ArgumentHelp(
      "A file to send as README.md, instead of the folder's own or of a card that is written.",
      valueName: "file"), completion: .file(extensions: ["md"]))
  var card: String?

  @Option(
    help: ArgumentHelp(
      "The license's identifier, such as apache-2.0, for the card that is written.",
      valueName: "id"))
  var license: String?

  @Flag(help: "Print the card and the files, and send nothing.")
  var dryRun = false

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let adapter, let name else { throw UsageError("give an adapter's folder and a name") }
    guard message.contains(where: { !$0.isWhitespace }) else {
      throw UsageError("--message is empty, expected the commit's title")
    }
    let target = try self.target(name)
    let pushed: PushedAdapter
    do { pushed = try PushedAdapter(at: URL(filePath: adapter)) } catch let error as AdapterError {
      guard case .notPEFT = error, let line = error.commandLine else { throw error }
      throw UsageError("\(error): \(line)")
    }
    let card = card.map { URL(filePath: $0) }
    if license != nil, let file = pushed.writtenCard(insteadOf: card) {
      throw UsageError(
        "--license is for a card that is written, but \(file.relativePath) is sent as it is: name the license there"
      )
    }
    let (text, files) = try pushed.files(
      card: card, license: license, for: target)
    for note in pushed.notes { Console.write("note: \(note)") }
    guard !dryRun else { return try show(text, files, target) }
    var push = HubPush(files, to: target, message: message)
    push.isPrivate = `private`
    push.opensPullRequest = createPr
    let settings = try HubSettings()
    let outcome = try AsyncWork.result { [push] in
      try await push.run(settings) { Console.write($0.printable) }
    }
    try show(outcome)
  }

  /// The branch of a repository that is meant.
  private func target(_ name: String) throws -> HubName {
    let target: HubName
    do {
      target = try HubName(name)
      guard let revision else { return try checked(target) }
      guard !name.contains("@") else {
        throw UsageError("\(name) and --revision both name a branch; keep one of them")
      }
      return try checked(try HubName("\(name)@\(revision)"))
    } catch let error as HubError { throw UsageError("\(error)") }
  }

  private func checked(_ target: HubName) throws -> HubName {
    guard !createPr || target.revision == HubName.defaultRevision else {
      throw UsageError(
        "--create-pr proposes a change to \(HubName.defaultRevision); leave out \(target.revision)")
    }
    return target
  }

  private func show(_ card: String, _ files: [PushFile], _ target: HubName) throws {
    guard results.json else {
      try Console.result(
        card.split(separator: "\n", omittingEmptySubsequences: false)
          .map { String($0).printable }.joined(separator: "\n"), terminator: "")
      for file in files {
        Console.write("would send \(file.path.printable), \(HubError.text(file.size))")
      }
      return
    }
    try Console.result([
      "name": .string(target.id), "revision": .string(target.revision), "card": .string(card),
      "files": .array(
        files.map { ["path": .string($0.path), "bytes": .integer($0.size)] }),
    ])
  }

  private func show(_ outcome: HubPush.Outcome) throws {
    guard results.json else {
      if outcome.files.isEmpty {
        Console.write("\(outcome.id) holds these files already: nothing was sent")
      } else {
        Console.write(
          "\(outcome.id): \(outcome.files.joined(separator: ", ").printable) in commit "
            + "\(outcome.commit.prefix(12)), \(HubError.text(outcome.bytesUploaded)) sent")
      }
      return try Console.result(outcome.url)
    }
    try Console.result([
      "name": .string(outcome.id), "revision": .string(outcome.revision),
      "commit": .string(outcome.commit), "url": .string(outcome.url),
      "files": .array(outcome.files.map { .string($0) }),
      "unchanged": .array(outcome.unchanged.map { .string($0) }),
      "bytes_uploaded": .integer(outcome.bytesUploaded),
    ])
  }
}
