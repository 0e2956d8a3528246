/// How long idle threads spin before they sleep.
enum OpenMPSpinCount {
  /// The number of iterations of libgomp's waiting loop.
  ///
  /// libgomp's default suits machines without other work: beside another busy process, threads wait for each other
  /// hundreds of times longer than they compute. A six-hundredth of the default costs nothing on an idle machine.
  private static let turns = "500"

  /// The variable that libgomp reads before `main`; empty if the user has set it.
  static func variables(_ environment: [String: String]) -> [String: String] {
    let chosen = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].contains { environment[$0] != nil }
    return chosen ? [:] : ["GOMP_SPINCOUNT": turns]
  }
}
