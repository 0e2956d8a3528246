import Foundation
import LowRank
import Testing

@Suite struct `The flag --color` {
  private static let refused = ["evaluate", "--data", "d"]
  private static let red = "\u{1b}[31merror:\u{1b}[0m"

  @Test func `always gives colors to a file, and never none to a terminal`() throws {
    #expect(try Lowrank(Self.refused + ["--color", "always"]).errors.hasPrefix(Self.red))
    #expect(try Lowrank(Self.refused + ["--color=always"]).errors.hasPrefix(Self.red))
    #expect(try Lowrank(Self.refused + ["--color", "auto"]).errors.hasPrefix("error:"))
    func terminal(_ more: [String], _ environment: [String: String] = [:]) throws -> String {
      try PseudoTerminal(Self.refused + more, columns: 80, environment: environment).text
    }
    #expect(try terminal([]).hasPrefix(Self.red))
    #expect(try terminal(["--color", "auto"]).hasPrefix(Self.red))
    #expect(try terminal(["--color", "never"]).hasPrefix("error:"))
    #expect(try terminal([], ["NO_COLOR": "1"]).hasPrefix("error:"))
    #expect(try terminal(["--color", "always"], ["NO_COLOR": "1"]).hasPrefix(Self.red))
  }

  @Test func `holds for errors about the arguments themselves`() throws {
    #expect(try Lowrank("train", "--rnak", "8", "--color", "always").errors.hasPrefix(Self.red))
    #expect(try Lowrank("train", "--color", "always", "--rank", "x").errors.hasPrefix(Self.red))
  }

  @Test func `colors the tokens of data check`() throws {
    let workshop = try Workshop()
    let flags = ["data", "check", "--model", workshop.model.path, "--data", workshop.data.path]
    #expect(try Lowrank(flags + ["--color", "always"]).output.contains("\u{1b}[32m"))
    #expect(!(try Lowrank(flags).output.contains("\u{1b}")))
  }

  @Test func `is a key of a run's file`() throws {
    let workshop = try Workshop()
    let file = workshop.place("run.yaml")
    try "color: always\nrank: 0\n".write(to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank("train", "-c", file.path, "--adapter-path", workshop.place("a").path)
    #expect(answer.status == 2 && answer.errors.hasPrefix(Self.red), "\(answer.errors)")
  }
}
