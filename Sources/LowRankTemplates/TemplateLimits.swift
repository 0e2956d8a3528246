/// How much a template may do before it is stopped: templates come from strangers.
public struct TemplateLimits: Sendable, Hashable {
  /// Bytes of the template itself.
  public var templateBytes: Int
  /// Expressions evaluated and statements executed; work on long values counts by their length.
  public var steps: Int
  /// Bytes of the text, and of any string or list on the way to it.
  public var outputBytes: Int
  /// Expressions, statements, calls and values inside one another.
  public var depth: Int
  /// Numbers in a `range`; the sandbox of the reference has the same.
  public var rangeLength: Int

  public init(
    templateBytes: Int = 1 << 20, steps: Int = 10_000_000, outputBytes: Int = 64 << 20,
    depth: Int = 200, rangeLength: Int = 100_000
  ) {
    self.templateBytes = templateBytes
    self.steps = steps
    self.outputBytes = outputBytes
    self.depth = depth
    self.rangeLength = rangeLength
  }

  public static let standard = TemplateLimits()
}
