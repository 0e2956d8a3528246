import Foundation
import LowRankHTTP

/// Files and parts of them, as the web's rules for ranges have it, and against them where a fault asks for that.
enum FileAnswer {
  static func answer(
    _ file: StoredFile, _ asked: Asked, _ state: inout HubState, _ fields: [(String, String)]
  ) -> Answer {
    let etag = "\"\(file.etag)\""
    let hasRange = asked.fields["Range"] != nil
    let fault =
      asked.method == "GET"
      ? state.faults.take(asked.method, asked.target.path) { fault in
        fault.isOfBytes && (hasRange || ![.ignoreRange, .wrongOffset].contains(fault.kind))
      } : nil
    var bytes = file.bytes
    if let fault { bytes = changed(bytes, by: fault) }
    var answer = Answer(
      200, [("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes")] + fields)
    let isAsked = asked.fields["If-Range"].map { $0 == etag } ?? true
    if let text = asked.fields["Range"], isAsked, fault?.kind != .ignoreRange {
      guard var range = range(text, of: bytes.count) else {
        answer.status = 416
        answer.fields.append(("Content-Range", "bytes */\(bytes.count)"))
        return answer
      }
      if fault?.kind == .wrongOffset {
        range = max(0, range.lowerBound - (fault?.amount ?? 1))..<range.upperBound
      }
      answer.status = 206
      answer.fields.append(
        ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"))
      bytes = bytes[(bytes.startIndex + range.lowerBound)..<(bytes.startIndex + range.upperBound)]
    }
    answer.body = bytes
    if let fault { mark(&answer, with: fault) }
    return answer
  }

  /// `bytes=a-`, `bytes=a-b` and `bytes=-n`; nil where it begins behind the end.
  private static func range(_ text: String, of count: Int) -> Range<Int>? {
    guard text.hasPrefix("bytes=") else { return nil }
    let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    if ends[0].isEmpty, let last = Int(ends[1]), last > 0 { return max(0, count - last)..<count }
    guard let start = Int(ends[0]), start < count else { return nil }
    let end = Int(ends[1]).map { min(count, $0 + 1) } ?? count
    return start < end ? start..<end : nil
  }

  private static func changed(_ bytes: Data, by fault: Fault) -> Data {
    switch fault.kind {
    case .flip:
      var bytes = Data(bytes)
      let place = bytes.startIndex + (fault.amount ?? bytes.count / 2)
      if bytes.indices.contains(place) { bytes[place] ^= 1 }
      return bytes
    case .length:
      let length = fault.amount ?? bytes.count / 2
      return bytes.prefix(length) + Data(count: max(0, length - bytes.count))
    default:
      return bytes
    }
  }

  private static func mark(_ answer: inout Answer, with fault: Fault) {
    switch fault.kind {
    case .cut:
      answer.manner.stop = (fault.amount ?? answer.body.count / 2, .close)
    case .stall:
      answer.manner.stop = (
        fault.amount ?? answer.body.count / 2, .silence(seconds: fault.seconds ?? 3600)
      )
    case .drip:
      answer.manner.chunk = max(1, fault.amount ?? 1)
      answer.manner.pause = fault.seconds ?? 0.1
    case .longer:
      answer.manner.saidLength = answer.body.count
      answer.body += Data(repeating: 0x2a, count: fault.amount ?? 1)
    default: break
    }
  }
}
