/// The numbers of Python's `range`.
struct IntegerRange {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  /// Throws where the step is zero or the numbers leave 64 bits.
  init(start: Int, stop: Int, step: Int) throws(TemplateError) {
    guard step != 0, step != Int.min else { throw .runtime("the step of a range cannot be zero") }
    let (length, overflows) =
      step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    guard !overflows else { throw .runtime("a range leaves 64 bits") }
    let stride = abs(step)
    count = length <= 0 ? 0 : (length - 1) / stride + 1
    (self.start, self.stop, self.step) = (start, stop, step)
  }

  subscript(position: Int) -> Value { .integer(start + position * step) }
}
