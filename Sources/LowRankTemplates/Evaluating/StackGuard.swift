/// Tells whether recursion has used up the stack it may: the threads of other systems have half a
/// mebibyte, those of Linux two at least.
struct StackGuard {
  #if os(Linux)
    private static let allowed = 1 << 20
  #else
    private static let allowed = 320 << 10
  #endif
  private let start = Self.position()

  var hasRoom: Bool {
    let position = Self.position()
    return max(start, position) - min(start, position) <= UInt(Self.allowed)
  }

  /// About where the stack ends now.
  @inline(never) private static func position() -> UInt {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
  }
}
