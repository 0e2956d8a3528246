extension String {
  /// The text in lines of at most `columns`, broken at spaces and after commas, the further lines indented.
  ///
  /// - Parameter columns: the width; nil to leave the text as it is.
  package func wrapped(to columns: Int?, indent: Int = 2) -> String {
    guard let columns, displayWidth(self) > columns else { return self }
    let room = max(8, columns)
    let indent = min(indent, room / 2)
    let margin = String(repeating: " ", count: indent)
    var (lines, line) = ([String](), "")
    for piece in pieces {
      var piece = piece
      if displayWidth(line) + displayWidth(piece.trimmingEnd) > room, line != margin, !line.isEmpty
      {
        lines.append(line.trimmingEnd)
        line = margin
      }
      // A piece longer than a line is broken where the line ends.
      while displayWidth(line) + displayWidth(piece.trimmingEnd) > room {
        let head = piece.prefix(columns: room - displayWidth(line))
        guard !head.isEmpty else { break }
        lines.append(line + head)
        piece = String(piece[head.endIndex...])
        line = margin
      }
      line += piece
    }
    return (lines + [line.trimmingEnd]).joined(separator: "\n")
  }

  /// The text cut behind spaces and commas.
  private var pieces: [String] {
    var (pieces, start) = ([String](), startIndex)
    for index in indices where self[index] == " " || self[index] == "," {
      let next = self.index(after: index)
      // A comma before a space stays with it.
      if self[index] == ",", next < endIndex, self[next] == " " { continue }
      pieces.append(String(self[start..<next]))
      start = next
    }
    return pieces + [String(self[start...])]
  }

  private var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
