import Foundation

/// How long threads that have nothing to do keep a core busy before they sleep.
enum Waiting {
  /// The turns of libgomp's waiting loop.
  ///
  /// Its own number is meant for machines without other work: beside another process as busy, threads wait for each other
  /// hundreds of times longer than they compute. A six-hundredth of it costs nothing alone.
  private static let turns = "500"

  /// Starts the program again under the count, which libgomp reads before `main`; returns where somebody has chosen, or
  /// where that is not possible.
  static func shorten() {
    let variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"]
    guard variables.allSatisfy({ getenv($0) == nil }) else { return }
    setenv("GOMP_SPINCOUNT", turns, 0)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}
