import LowRankTensors

extension ReferenceEngine {
  /// Rotates pairs (i, i + half) of each head by the angle of the row's position.
  public func rotary(
    _ x: Tensor, headSize: Int, positions: Tensor, cosine: Tensor, sine: Tensor, inverse: Bool
  ) -> Tensor {
    let half = cosine.shape.columns
    requireEqualShapes(cosine, sine)
    precondition(
      2 * half <= headSize && x.shape.columns.isMultiple(of: headSize)
        && positions.count == x.shape.rows,
      "\(positions), \(cosine) do not turn heads of \(headSize) in \(x)")
    let (cosines, sines) = (rowNumbers(cosine), rowNumbers(sine))
    let places = indices(positions, below: cosines.count)
    let numbers = zip(rowNumbers(x), places).flatMap { row, position in
      var turned = row
      for head in stride(from: 0, to: row.count, by: headSize) {
        for i in 0..<half {
          let (first, second) = (row[head + i], row[head + half + i])
          let c = cosines[position][i]
          let s = inverse ? -sines[position][i] : sines[position][i]
          turned[head + i] = first * c - second * s
          turned[head + half + i] = second * c + first * s
        }
      }
      return turned
    }
    return made(numbers, x.shape, x.type)
  }
}
