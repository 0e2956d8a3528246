import LowRankHTTP

/// What a request asks for.
struct Target: Sendable {
  /// The path's parts, without percent signs; an encoded slash stays within its part.
  let parts: [String]
  /// The path as it came.
  let raw: String
  let query: String
  let parameters: [String: String]

  var path: String { "/" + parts.joined(separator: "/") }

  /// - Throws: `HTTPFailure` if the path has a wrong escape or leads out of its folder.
  init(_ target: RequestTarget) throws {
    (raw, parts) = (String(target.path), try target.segments())
    query = String(target.query ?? "")
    let pairs = query.split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1).map { RequestTarget.decoded($0) ?? "" }
      return (sides.first ?? "", sides.count > 1 ? sides[1] : "")
    }
    parameters = Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  /// Splits parts into a repository's name, a word of the interface, and what follows it.
  ///
  /// Names are `owner/name`, or `name` alone.
  static func split(_ parts: ArraySlice<String>, at words: Set<String>)
    -> (id: String, word: String, rest: [String])?
  {
    let parts = Array(parts)
    for length in [2, 1] where parts.count > length && words.contains(parts[length]) {
      return (
        parts[..<length].joined(separator: "/"), parts[length], Array(parts[(length + 1)...])
      )
    }
    return nil
  }
}
