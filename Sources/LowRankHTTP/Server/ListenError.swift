/// An error that prevents a server from listening.
package enum ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  case portInUse(host: String, port: Int)
  case unusable(host: String, port: Int, reason: String)

  package var description: String {
    switch self {
    case .portInUse(let host, let port): "port \(port) of \(host) is in use"
    case .unusable(let host, let port, let reason):
      "cannot listen on \(host), port \(port): \(reason)"
    }
  }
}
