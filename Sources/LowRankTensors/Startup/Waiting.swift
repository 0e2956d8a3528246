/// How long threads that have nothing to do keep a core busy before they sleep.
enum Waiting {
  /// The turns of libgomp's waiting loop.
  ///
  /// Its own number is meant for machines without other work: beside another process as busy, threads wait for each other
  /// hundreds of times longer than they compute. A six-hundredth of it costs nothing alone.
  private static let turns = "500"

  /// The variable that libgomp reads before `main`; none where somebody has chosen.
  static func variables(_ environment: [String: String]) -> [String: String] {
    let chosen = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].contains { environment[$0] != nil }
    return chosen ? [:] : ["GOMP_SPINCOUNT": turns]
  }
}
