import ArgumentParser
import Foundation
import LowRankTestHub

/// Serves folders of models as the hub does, until it is ended.
@main
struct TestHubProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank-test-hub",
    abstract: "Serve folders of models on loopback as the Hugging Face hub does.",
    discussion: """
      The first line of standard output is the address. Commits that are sent are kept in memory. \
      POST /_test/faults makes it fail, GET /_test/log tells what was asked.
      """)

  @Option(help: "A folder of folders: each ROOT/owner/name is a repository.")
  var root: String?

  @Option(help: "The port to listen on; any that is free where none is named.")
  var port = 0

  @Option(help: "A token that may read and write everything; it can be given several times.")
  var token: [String] = []

  @Option(help: "A token that may read but not write.")
  var readToken: [String] = []

  @Option(name: .customLong("private"), help: "A repository that only tokens see.")
  var privates: [String] = []

  @Option(help: "A repository whose files only tokens get.")
  var gated: [String] = []

  @Option(help: "The entries of one page of a listing.")
  var pageSize = 1000

  @Option(help: "Receive larger files than this in parts of this size.")
  var partSize: Int?

  mutating func run() async throws {
    var settings = TestHub.Settings()
    (settings.pageSize, settings.partSize) = (pageSize, partSize)
    let options = self
    try await TestHub.run(port: port, settings) { hub in
      try options.prepare(hub)
      print(hub.url)
      fflush(nil)
      while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
    }
  }

  private func prepare(_ hub: TestHub) throws {
    if let root { try hub.addFolders(below: URL(filePath: root, directoryHint: .isDirectory)) }
    for text in token { hub.add(TestToken(text)) }
    for text in readToken { hub.add(TestToken(text, user: "reader", writes: .nothing)) }
    for id in Set(privates + gated) {
      hub.restrict(id, isPrivate: privates.contains(id), isGated: gated.contains(id))
    }
  }
}
