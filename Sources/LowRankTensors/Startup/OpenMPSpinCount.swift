/// How long idle threads spin before they sleep.
enum OpenMPSpinCount {
  /// The number of iterations of libgomp's waiting loop.
  ///
  /// libgomp's default of 300,000 suits machines without other work: beside another busy process, threads wait for each other
  /// many times longer than they compute. These are some 0.1 to 0.3 ms, longer than what lies between two kernels: a thread that
  /// falls asleep there costs generation a fifth of its rate.
  private static let turns = "5000"

  /// The variable that libgomp reads before `main`; empty if the user has set it.
  static func variables(_ environment: [String: String]) -> [String: String] {
    let chosen = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].contains { environment[$0] != nil }
    return chosen ? [:] : ["GOMP_SPINCOUNT": turns]
  }
}
