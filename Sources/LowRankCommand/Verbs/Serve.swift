import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankServing
import LowRankSessions

/// `lowrank serve`: answers requests for many adapters over one model, on the API of OpenAI's clients.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer requests for many adapters over one model, on the API of OpenAI's clients.",
    discussion: """
      Requests for all adapters are answered together; a request names its adapter as the model. The first line on standard \
      output is a JSON object with the address, {"url": "http://127.0.0.1:PORT", …}, once the server answers. It listens on this machine only unless --host says \
      otherwise; for other machines, give --api-keys and put a proxy with TLS before it. Ctrl-C and SIGTERM let answers in \
      progress finish for up to 30 seconds; a second one ends it at once.

      EXAMPLES:
        lowrank serve --model models/smollm --adapter e2e=adapters/e2e --adapter chat=adapters/chat
        lowrank serve --model gemma-3-270m-q4_k_m.gguf --adapters adapters --port 0
        lowrank serve --model models/minilm --task embeddings --adapters adapters
      """)

  @OptionGroup var served: ServedModelOptions

  @Option(
    help: ArgumentHelp(
      "The name of the model for clients. (default: that of its folder or file)",
      valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("The address to listen on.", valueName: "address"),
    completion: .list(["127.0.0.1", "0.0.0.0"]))
  var host: String = "127.0.0.1"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The port to listen on; 0 chooses a free one.", valueName: "n"))
  var port: Int = 8000

  @Option(
    help: ArgumentHelp(
      "A file of hashed keys, each with the adapters that it may use; without it, everybody who reaches the server may ask.",
      valueName: "file"), completion: .file(extensions: ["json"]))
  var apiKeys: String?

  @Option(
    help: ArgumentHelp(
      "embeddings or classification, for models that read whole texts. (default: continue texts)",
      valueName: "task"),
    completion: .list(ServingTask.allCases.map(\.rawValue)))
  var task: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most answers that wait; more are refused.", valueName: "n"))
  var maxQueue: Int = 1024

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard (0...65_535).contains(port) else {
      throw UsageError("--port is \(port), expected a number from 0 to 65535")
    }
    guard !host.isEmpty else { throw UsageError("--host is empty, expected an address") }
    guard name != "" else { throw UsageError("--name is empty, expected a name") }
    try Bounds.check(maxQueue, "--max-queue")
    let task = try task.map { text in
      guard let task = ServingTask(rawValue: text) else {
        throw UsageError("--task is \(text), expected embeddings or classification")
      }
      return task
    }
    let head: ModelHead =
      switch task {
      case nil: .causal
      case .embeddings: .none
      case .classification: .classifier(nil)
      }
    var (model, configuration) = try served.prepared(name: name, as: head)
    try AdaptedModel(model: model).checkReadsTexts("serve")
    (configuration.host, configuration.port, configuration.task) = (host, port, task)
    configuration.keys = apiKeys.map { URL(filePath: $0) }
    configuration.limits.waiting = maxQueue
    configuration.limits.waitingOfTenant = apiKeys == nil ? maxQueue : max(1, maxQueue / 2)
    if apiKeys == nil, !ServingServer.isLocal(host) {
      Console.write(
        "warning: everybody who reaches \(host) may ask: give --api-keys FILE to ask for keys"
          .printable)
    }
    Self.raiseFileLimit()
    let server = try ServingServer(model, configuration)
    do {
      try AsyncWork.result {
        try await server.run(
          log: { Console.write($0.printable) },
          ready: { url in
            // What starts the server reads the address before anything else.
            try? Console.result(["url": .string(url.absoluteString)])
          })
      }
    } catch is Interrupted {
      Console.write("stopped")
    }
  }

  /// Lets the process have as many open connections as the system allows it.
  private static func raiseFileLimit() {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(kind, &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
    _ = setrlimit(kind, &limit)
  }
}
