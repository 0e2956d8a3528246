import Foundation

extension TestHub {
  /// The port of 127.0.0.1 that it listens on.
  package var port: Int { URL(string: url)?.port ?? 0 }

  /// Says that it is reached at another address, which the addresses that it gives then begin with; the store of large
  /// files is there too.
  package func isReached(at address: String) {
    store.with { state in
      state.address = address
      state.settings.storeIsElsewhere = false
    }
  }
}
