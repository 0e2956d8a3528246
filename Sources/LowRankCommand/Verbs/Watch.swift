import ArgumentParser
import Foundation
import LowRankCheckpoints
import LowRankConsole
import LowRankRuns
import LowRankSessions
import LowRankWatch

/// `lowrank watch`: a local web page of the runs, live.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Show runs in a browser while they train: losses, rates, and how far each module moved.",
    discussion: """
      Reads the run store that train writes, and serves on this machine only. With --host, the page needs the token \
      in the printed address; without a TLS proxy, the token crosses the network unencrypted. Ctrl-C ends it.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The port to listen on; 0 chooses a free one.", valueName: "n"))
  var port: Int = WatchServer.defaultPort

  @Option(
    help: ArgumentHelp("The address to listen on.", valueName: "address"),
    completion: .list(["127.0.0.1", "0.0.0.0"]))
  var host: String = "127.0.0.1"

  @Option(
    help: ArgumentHelp(
      "A file with the token that opens the page. (default, with --host: a random one)",
      valueName: "file"), completion: .file())
  var tokenFile: String?

  @OptionGroup var place: StoreOptions

  @Flag(help: "Print one JSON object, the address to open, on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard (0...65_535).contains(port) else {
      throw UsageError("--port is \(port), expected a number from 0 to 65535")
    }
    guard !host.isEmpty else { throw UsageError("--host is empty, expected an address") }
    let store = place.url
    if try place.openedIfPresent() == nil { Console.write("note: \(place.absence)".printable) }
    let server = WatchServer(
      StoredRuns(at: store), host: host, port: port, token: try tokenFile.map(Self.token))
    try AsyncWork.result { [json] in
      try await server.run { address in
        Console.insist("Runs of \(store.path) at \(address.absoluteString) (Ctrl-C ends)")
        if json {
          try? Console.result(["address": .string(address.absoluteString)])
        }
      }
    }
  }

  private static func token(in file: String) throws -> AccessToken {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw FileError("read", file, reason: "it is not a readable UTF-8 file")
    }
    return try AccessToken(text, from: file)
  }
}
