/// An expression of a template.
indirect enum Expression: Sendable {
  enum Arithmetic: Sendable { case add, subtract, multiply, divide, floorDivide, modulo, power }
  enum Comparison: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contained, notContained
  }
  struct Operand: Sendable {
    let comparison: Comparison
    let expression: Expression
  }
  struct Pair: Sendable {
    let key: Expression
    let value: Expression
  }
  struct Call: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: Text, value: Expression)] = []
    var positionalRest: Expression?
    var keywordRest: Expression?
    var line: Int
  }

  case none
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(Text)
  case name(Text)
  case tuple([Expression])
  case list([Expression])
  case dictionary([Pair])
  case attribute(Expression, Text)
  case element(Expression, Expression)
  case slice(Expression?, Expression?, Expression?)
  case call(Expression, Call)
  case filter(Expression, String, Call)
  case test(Expression, String, Call)
  case not(Expression)
  case negative(Expression)
  case positive(Expression)
  case arithmetic(Arithmetic, Expression, Expression)
  case and(Expression, Expression)
  case or(Expression, Expression)
  case concatenation([Expression])
  case comparison(Expression, [Operand])
  case conditional(test: Expression, then: Expression, otherwise: Expression?, line: Int)
  /// The text that a filter block or a filtered `set` block has made.
  case captured
}

/// What an assignment or a loop writes to.
indirect enum Target: Sendable {
  case name(Text)
  case attribute(Text, Text)
  case tuple([Target])
}
