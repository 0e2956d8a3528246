import Foundation
import NIOCore

/// A message of an event stream.
///
/// An `id` comes back as `Last-Event-ID` when the browser connects again.
enum ServerSentEvent {
  case retry(milliseconds: Int)
  case comment
  case event(name: String, id: Int64?, data: Data)

  var buffer: ByteBuffer {
    switch self {
    case .retry(let milliseconds): return ByteBuffer(string: "retry: \(milliseconds)\n\n")
    case .comment: return ByteBuffer(string: ":\n\n")
    case .event(let name, let id, let data):
      // JSON of ours is one line.
      var buffer = ByteBuffer(string: (id.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: ")
      buffer.writeBytes(data)
      buffer.writeString("\n\n")
      return buffer
    }
  }
}
