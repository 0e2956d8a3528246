import Synchronization

/// Something that people may want to know about the work in progress.
public struct Remark: Sendable {
  /// How serious a remark is.
  public enum Kind: String, Sendable {
    /// What is done, or how it went.
    case info
    /// Something that was noticed.
    case note
    /// Something that is probably not meant.
    case warning
  }

  public let kind: Kind
  public let text: KeyedText
  /// Whether people need it even if they asked for silence, such as how an interrupted run continues.
  public let isImportant: Bool

  /// The remark with other words between its settings.
  package func changingWords(_ change: (String) -> String) -> Remark {
    Remark(kind: kind, text: text.changingWords(change), isImportant: isImportant)
  }
}

/// The program around a run: who hears its remarks, and whether the user wants it to stop.
///
/// The current ones are a task-local value, so that no function that has something to say needs a parameter for it.
public struct Surroundings: Sendable {
  /// Hears what there is to say.
  public var hear: @Sendable (Remark) -> Void
  /// Whether the user wants the work to stop.
  public var isStopping: @Sendable () -> Bool
  /// Whether work that takes long is to be broken off: the user wants it, or another process is lost.
  public var isBreakingOff: @Sendable () -> Bool
  /// Called when work begins that stops by itself as soon as `isStopping` says so, and when it ends.
  public var watch: @Sendable (_ isBeginning: Bool) -> Void
  /// What was said of a kind that is said once.
  package var once = SaidOnce()
  /// The most threads for this process among others of its host; nil for all cores.
  public var cores: @Sendable () -> Int?

  public init(
    hear: @escaping @Sendable (Remark) -> Void = { _ in },
    isStopping: @escaping @Sendable () -> Bool = { false },
    watch: @escaping @Sendable (_ isBeginning: Bool) -> Void = { _ in },
    isBreakingOff: (@Sendable () -> Bool)? = nil, cores: @escaping @Sendable () -> Int? = { nil }
  ) {
    (self.hear, self.isStopping, self.watch, self.cores) = (hear, isStopping, watch, cores)
    self.isBreakingOff = isBreakingOff ?? isStopping
  }

  /// Does work that stops by itself; if the user wanted that, the watch goes on.
  package func whileWatching<Result>(_ work: () throws -> Result) rethrows -> Result {
    watch(true)
    defer { if !isStopping() { watch(false) } }
    return try work()
  }

  /// The surroundings of the work in progress.
  @TaskLocal public static var current = Surroundings()
}

/// The kinds of remarks that were made, of which each is made once.
package final class SaidOnce: Sendable {
  private let kinds = Mutex<Set<String>>([])

  package init() {}

  /// Whether this is the first remark of a kind.
  package func isFirst(_ kind: String) -> Bool { kinds.withLock { $0.insert(kind).inserted } }
}

/// What the work in progress has to say to people.
package enum Remarks {
  /// Says what is done, or how it went.
  package static func say(_ text: KeyedText) { hear(.info, text) }
  /// Says what was noticed.
  package static func note(_ text: KeyedText) { hear(.note, text) }
  /// Says what is probably not meant.
  package static func warn(_ text: KeyedText) { hear(.warning, text) }
  /// Says what people need even if they asked for silence.
  package static func insist(_ text: KeyedText, _ kind: Remark.Kind = .info) {
    hear(kind, text, isImportant: true)
  }

  private static func hear(_ kind: Remark.Kind, _ text: KeyedText, isImportant: Bool = false) {
    Surroundings.current.hear(Remark(kind: kind, text: text, isImportant: isImportant))
  }
}

/// The user stopped the work; what there is to say has been said.
public struct Interrupted: Error {
  public init() {}
}
