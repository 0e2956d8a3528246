/// How often things happen on a stream of events.
package struct EventPace: Sendable {
  /// Between two looks for new points.
  package var points: Duration
  /// Between two looks at the state of the runs.
  package var runs: Duration
  /// The longest silence: a comment says that the connection lives.
  package var heartbeat: Duration
  /// The time in which a client must read 64 KiB.
  package var writeTimeout: Duration

  package init(
    points: Duration = .milliseconds(500), runs: Duration = .seconds(2),
    heartbeat: Duration = .seconds(10), writeTimeout: Duration = .seconds(15)
  ) {
    (self.points, self.runs) = (points, runs)
    (self.heartbeat, self.writeTimeout) = (heartbeat, writeTimeout)
  }
}
