import LowRank

/// The adapters of a request: none, one, or several that are added up with factors.
package struct AdapterMix: Sendable {
  /// One adapter with its factor.
  package struct Part: Sendable {
    package let version: AdapterVersion
    package let scale: Float

    package init(version: AdapterVersion, scale: Float) {
      (self.version, self.scale) = (version, scale)
    }
  }

  /// The adapters.
  package let parts: [Part]

  /// The base alone.
  package static let base = AdapterMix(parts: [])

  /// One adapter as it is.
  package init(_ version: AdapterVersion) { parts = [Part(version: version, scale: 1)] }

  /// Several adapters; those with the factor 0 are left out.
  package init(parts: [Part]) { self.parts = parts.filter { $0.scale != 0 } }

  /// What tells it from other mixes, by names of versions.
  var key: String {
    parts.map { "\($0.version.passName.description)*\($0.scale.bitPattern)" }.joined(separator: "+")
  }

  /// What tells it from other mixes, by what the files hold.
  var content: String {
    parts.map { "\($0.version.content)*\($0.scale.bitPattern)" }.joined(separator: "+")
  }

  /// The only adapter, if it takes passes of its own.
  var alone: AdapterVersion? {
    parts.count == 1 && !parts[0].version.isMixed ? parts[0].version : nil
  }
}
