/// A normalized text cut into pieces: words for the model, and tokens that are found already.
struct PreTokenizedText: Sendable {
  struct Piece: Sendable {
    var start: Int32
    var end: Int32
    /// The added token that the piece is, or -1 for a piece that the model has to encode.
    var token: Int32

    init(_ range: Range<Int>, token: Int32 = -1) {
      start = Int32(range.lowerBound)
      end = Int32(range.upperBound)
      self.token = token
    }

    var range: Range<Int> { Int(start)..<Int(end) }
  }

  var text: AlignedText
  var pieces: [Piece]

  /// Cuts every piece that is no token yet.
  ///
  /// `cut` is given the bytes of a piece and tells `emit` the ranges that remain of it.
  mutating func split(
    _ cut: (UnsafeBufferPointer<UInt8>, _ emit: (Range<Int>) -> Void) -> Void
  ) {
    var result: [Piece] = []
    result.reserveCapacity(pieces.count + text.bytes.count / 4)
    text.bytes.withUnsafeBufferPointer { bytes in
      for piece in pieces {
        guard piece.token < 0 else {
          result.append(piece)
          continue
        }
        let start = piece.range.lowerBound
        cut(UnsafeBufferPointer(rebasing: bytes[piece.range])) { range in
          if !range.isEmpty {
            result.append(Piece(start + range.lowerBound..<start + range.upperBound))
          }
        }
      }
    }
    pieces = result
  }

  /// Edits the text of every piece that is no token yet, each on its own.
  mutating func edit(_ change: (inout AlignedText) -> Void) {
    if pieces.count == 1, pieces[0].token < 0, pieces[0].range == 0..<text.bytes.count {
      change(&text)
      pieces = text.bytes.isEmpty ? [] : [Piece(0..<text.bytes.count)]
      return
    }
    var result = AlignedText([])
    var newPieces: [Piece] = []
    newPieces.reserveCapacity(pieces.count)
    for piece in pieces {
      var slice = text.slice(piece.range)
      if piece.token < 0 { change(&slice) }
      let start = result.bytes.count
      result.append(slice)
      if result.bytes.count > start || piece.token >= 0 {
        newPieces.append(Piece(start..<result.bytes.count, token: piece.token))
      }
    }
    text = result
    pieces = newPieces
  }
}
