import Foundation

extension JSONValue {
  /// Reads one JSON text.
  ///
  /// - Parameters:
  ///   - source: where the bytes come from, for the error: a file, or a row of one.
  ///   - allowsNonFinite: whether `NaN`, `Infinity` and `-Infinity` are accepted; their ``double`` is nil.
  /// - Throws: `JSONError` with the line and column of the first fault.
  public init(
    parsing bytes: some ContiguousBytes, from source: @autoclosure () -> String = "",
    allowsNonFinite: Bool = false
  ) throws(JSONError) {
    let result: Result<JSONValue, JSONScanner.Failure> = bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer, allowsNonFinite: allowsNonFinite)
      do throws(JSONScanner.Failure) {
        return .success(try scanner.text())
      } catch {
        return .failure(error.placed(in: buffer))
      }
    }
    switch result {
    case .success(let value): self = value
    case .failure(let failure): throw JSONError(source: source(), problem: failure.problem)
    }
  }

  /// Reads one JSON text.
  ///
  /// - Parameters:
  ///   - source: where the text comes from, for the error.
  ///   - allowsNonFinite: whether `NaN`, `Infinity` and `-Infinity` are accepted; their ``double`` is nil.
  /// - Throws: `JSONError` with the line and column of the first fault.
  public init(
    parsing text: String, from source: @autoclosure () -> String = "",
    allowsNonFinite: Bool = false
  ) throws(JSONError) {
    try self.init(
      parsing: Array(text.utf8), from: source(), allowsNonFinite: allowsNonFinite)
  }
}

extension JSONScanner.Failure {
  /// The failure with its place before the problem: line and column in bytes, counted from 1.
  ///
  /// A text of one line is most often a row of a larger file, whose line the source tells.
  fileprivate func placed(in bytes: UnsafeRawBufferPointer) -> Self {
    let newline = UInt8(ascii: "\n")
    let before = bytes.prefix(offset)
    let column = offset - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
    let line = before.count { $0 == newline } + 1
    let place = bytes.contains(newline) ? "line \(line), column \(column)" : "column \(column)"
    return Self(offset: offset, problem: "\(place): \(problem)")
  }
}
