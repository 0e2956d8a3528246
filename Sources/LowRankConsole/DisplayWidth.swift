import CWideCharacters
import Foundation

/// The number of columns that a text takes on a terminal: two for each wide character, none for combining marks.
///
/// It may count too many, never too few: a sequence that a terminal joins to one picture is counted in full.
package func displayWidth(_ text: some StringProtocol) -> Int {
  guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + $1.columns }
}

extension Unicode.Scalar {
  /// The columns of one scalar by the C library's tables, which follow Unicode's East Asian Width.
  fileprivate var columns: Int {
    // This selector asks for the wide, coloured form of the character before it.
    if value == 0xfe0f { return 1 }
    guard let locale = UnicodeLocale.shared.locale else { return value < 0x1100 ? 1 : 2 }
    let previous = uselocale(locale)
    defer { _ = uselocale(previous) }
    let columns = wcwidth(wchar_t(bitPattern: value))
    return columns < 0 ? 1 : Int(columns)
  }
}

/// The locale whose tables hold all of Unicode; the program's own knows ASCII alone.
private final class UnicodeLocale: @unchecked Sendable {
  static let shared = UnicodeLocale()
  let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
}

extension String {
  /// The first characters that fit a width.
  package func prefix(columns: Int) -> Substring {
    var (end, used) = (startIndex, 0)
    for index in indices {
      used += displayWidth(String(self[index]))
      guard used <= columns else { break }
      end = self.index(after: index)
    }
    return self[..<end]
  }

  /// The last characters that fit a width.
  package func suffix(columns: Int) -> Substring {
    var (start, used) = (endIndex, 0)
    for index in indices.reversed() {
      used += displayWidth(String(self[index]))
      guard used <= columns else { break }
      start = index
    }
    return self[start...]
  }

  /// The text with its middle replaced by `…` where it is wider than `columns`.
  ///
  /// - Parameter head: the columns before the `…`; by default a third of them, since the ends of paths and names differ.
  package func shortened(to columns: Int, head: Int? = nil) -> String {
    guard displayWidth(self) > columns else { return self }
    guard columns > 2 else { return String(prefix(columns: max(0, columns))) }
    let head = min(head ?? (columns - 1) / 3, columns - 2)
    let start = prefix(columns: head)
    return start + "…" + suffix(columns: columns - 1 - displayWidth(start))
  }

  /// The text with spaces after it up to a width.
  package func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - displayWidth(self)))
  }
}
