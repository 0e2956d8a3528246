import LowRankKeys

/// What keeps the page from being served.
package enum WatchError: Error, Hashable, Sendable, CustomStringConvertible {
  case portInUse(host: String, port: Int)
  case unusable(host: String, port: Int, reason: String)
  case badToken(String)

  package var description: String {
    switch self {
    case .portInUse(let host, let port):
      "port \(port) of \(host) is in use, perhaps by another lowrank watch: choose another with \(setting: "port")"
    case .unusable(let host, let port, let reason):
      "cannot listen on \(host), port \(port): \(reason)"
    case .badToken(let file):
      "\(file): expected one token of 20 to 512 letters, digits, '-', '_', '.' and '~', as of "
        + "openssl rand -hex 32"
    }
  }
}
