import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankRuns

/// `lowrank runs remove`: runs that are no longer wanted.
struct RunsRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove runs from the store; their adapters stay.")

  @Argument(help: "The runs' numbers. (required)")
  var ids: [Int64] = []

  @Flag(help: "Also remove a run that is still running.")
  var force = false

  @OptionGroup var place: StoreOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard !ids.isEmpty else {
      throw UsageError("give the numbers of runs: `lowrank runs` lists them")
    }
    // All are looked at before any goes.
    let reader = try place.opened()
    for id in ids where try reader.existing(id).outcome == .running && !force {
      throw UsageError("run \(id) is still running: stop it first, or give --force")
    }
    let store = try RunStore(at: place.url)
    for id in Set(ids) { try store.remove(id) }
    let removed = Set(ids).sorted().map(String.init).joined(separator: ", ")
    guard results.json else {
      return Console.write(
        "run\(Set(ids).count == 1 ? "" : "s") \(removed) removed from \(place.url.path); adapters are not touched"
          .printable)
    }
    try Console.result(["removed": .array(ids.map { .integer(Int($0)) })])
  }
}
