/// A statement of a template.
indirect enum Statement: Sendable {
  struct Branch: Sendable {
    let test: Expression
    let body: [Statement]
    let line: Int
  }
  struct Loop: Sendable {
    let target: Target
    let items: Expression
    let filter: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
    let line: Int
  }
  /// The body of a macro, or what a call block hands over as `caller`.
  struct Macro: Sendable {
    struct Parameter: Sendable {
      let name: Text
      let fallback: Expression?
    }
    let name: Text?
    let parameters: [Parameter]
    let body: [Statement]
    /// Which of `caller`, `kwargs` and `varargs` the body reads: only those are accepted.
    let specials: Set<String>
  }
  struct Binding: Sendable {
    let target: Target
    let value: Expression
  }

  case text(Text)
  case output(Expression, line: Int)
  case loop(Loop)
  case condition([Branch], otherwise: [Statement])
  case assignment(Target, Expression, line: Int)
  /// `set` with a body; the expression is `captured` under its filters.
  case capture(Target, Expression, body: [Statement], line: Int)
  case macro(Macro)
  case callBlock(Expression, Expression.Call, Macro)
  case filterBlock(Expression, body: [Statement], line: Int)
  case with([Binding], body: [Statement], line: Int)
  case generation(body: [Statement])
  case breakLoop
  case continueLoop
}
