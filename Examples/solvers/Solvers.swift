import ArgumentParser
import Foundation
import LowRank
import LowRankConsole

/// The command line: every optimizer on small problems whose answer is known.
struct Solvers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank-solvers",
    abstract: "Compare the optimizers of factors on problems whose answer is known.",
    discussion: """
      Every optimizer of train --optimizer takes steps on a pair of factors, in double precision, at the best rate of a \
      grid. Prints the steps to an error of 1e-6, or the error at the end, and writes a page with curves. Exit codes: 0 \
      done, 1 failed, 2 wrong usage.

      EXAMPLE:
        lowrank-solvers --output solvers.html
      """)

  @Option(help: ArgumentHelp("The page that is written.", valueName: "file"))
  var output: String = "solvers.html"

  @Option(help: ArgumentHelp("The most steps of a run.", valueName: "n"))
  var steps: Int = 1000

  @Option(
    help: ArgumentHelp("Problems by name, comma-separated. (default: all)", valueName: "names"))
  var problems: String?

  @Flag(help: "Replace a page that is there.")
  var overwrite = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    guard steps > 0 else { throw UsageError("--steps is \(steps), expected at least 1") }
    let page = URL(filePath: output)
    guard overwrite || !FileManager.default.fileExists(atPath: page.path) else {
      throw UsageError("\(output) exists: give another --output, or --overwrite")
    }
    let chosen = try chosenProblems()
    var results: [ProblemResult] = []
    for problem in chosen { results.append(try ProblemResult(problem, steps: steps)) }
    try Data(SolverPage(results, steps: steps).report.html.utf8).write(to: page, options: .atomic)
    guard json else {
      for result in results { print(result.text(), terminator: "\n\n") }
      return print("wrote \(output)")
    }
    print(
      JSONValue.object([
        "steps": .integer(steps), "page": .string(output),
        "problems": .array(results.map { .object($0.json) }),
      ]).text())
  }

  private func chosenProblems() throws -> [SampleProblem] {
    let all = try SampleProblem.all()
    guard let problems else { return all }
    return try problems.split(separator: ",").map { name in
      guard let found = all.first(where: { $0.name == name }) else {
        throw UsageError(
          "--problems: there is no \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))"
        )
      }
      return found
    }
  }
}
