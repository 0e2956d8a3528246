/// One piece of a template's text.
struct Token {
  enum Kind: Equatable {
    case data(Text)
    case variableBegin, variableEnd, blockBegin, blockEnd
    case name(String)
    case string(Text)
    case integer(Int)
    case double(Double)
    case symbol(Symbol)
    case end
  }

  enum Symbol: String, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case plus = "+"
    case minus = "-"
    case divide = "/"
    case multiply = "*"
    case percent = "%"
    case tilde = "~"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"

    /// All of them as bytes, longer ones first.
    static let spellings = allCases.map { (symbol: $0, bytes: Array($0.rawValue.utf8)) }
  }

  let kind: Kind
  let line: Int

  /// The token as an error names it.
  var description: String {
    switch kind {
    case .data: "text"
    case .variableBegin: "\"{{\""
    case .variableEnd: "\"}}\""
    case .blockBegin: "\"{%\""
    case .blockEnd: "\"%}\""
    case .name(let name): "\"\(name)\""
    case .string: "a string"
    case .integer, .double: "a number"
    case .symbol(let symbol): "\"\(symbol.rawValue)\""
    case .end: "the end of the template"
    }
  }
}
