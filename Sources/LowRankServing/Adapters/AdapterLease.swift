/// The use of a version by a request: as long as it lives, the version stays in memory.
package final class AdapterLease: Sendable {
  package let version: AdapterVersion
  private let end: @Sendable (AdapterVersion) -> Void

  init(_ version: AdapterVersion, end: @escaping @Sendable (AdapterVersion) -> Void) {
    (self.version, self.end) = (version, end)
  }

  deinit { end(version) }
}
