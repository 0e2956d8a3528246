import Foundation

/// A message of an event stream.
///
/// The browser sends the `id` back as `Last-Event-ID` when it reconnects.
package enum ServerSentEvent: Sendable {
  case retry(milliseconds: Int)
  case comment
  case event(name: String?, id: Int64?, data: Data)

  /// Writes one field for each line of the data.
  var bytes: [UInt8] {
    switch self {
    case .retry(let milliseconds): return Array("retry: \(milliseconds)\n\n".utf8)
    case .comment: return Array(":\n\n".utf8)
    case .event(let name, let id, let data):
      var bytes = Array((id.map { "id: \($0)\n" } ?? "").utf8)
      if let name { bytes += "event: \(name)\n".utf8 }
      for line in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
        bytes += "data: ".utf8
        bytes += line
        bytes.append(0x0A)
      }
      bytes.append(0x0A)
      return bytes
    }
  }
}
