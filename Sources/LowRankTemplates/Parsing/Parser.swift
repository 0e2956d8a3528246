/// Reads tokens into statements; its parts stand beside it by what they read.
struct Parser {
  private let tokens: [Token]
  private var at = 0
  let maximumDepth: Int
  private let stack = StackGuard()
  /// Bodies and expressions that are open.
  var depth = 0
  /// How high the expression just read is.
  var height = 0
  /// Loops around, as `break` sees them, and as assignments to `loop` see them.
  var breakableLoops = 0
  var loops = 0
  /// Which of a macro's special variables the body being read names.
  var specials: Set<String> = []

  static func statements(
    of template: String, limits: TemplateLimits
  ) throws(TemplateError) -> [Statement] {
    var parser = Parser(tokens: try Lexer.tokens(of: template), maximumDepth: limits.depth)
    return try parser.body(until: [])
  }

  private init(tokens: [Token], maximumDepth: Int) {
    self.tokens = tokens
    self.maximumDepth = maximumDepth
  }

  // MARK: Tokens

  var current: Token { tokens[at] }
  var following: Token { tokens[min(at + 1, tokens.count - 1)] }
  var line: Int { current.line }

  mutating func advance() { at = min(at + 1, tokens.count - 1) }

  func isName(_ name: String) -> Bool { current.kind == .name(name) }
  func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

  mutating func skip(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func skip(_ symbol: Token.Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
    guard skip(symbol) else { throw unexpected("\"\(symbol.rawValue)\"") }
  }

  mutating func expect(name: String) throws(TemplateError) {
    guard skip(name: name) else { throw unexpected("\"\(name)\"") }
  }

  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw unexpected("a name") }
    advance()
    return name
  }

  mutating func expectBlockEnd() throws(TemplateError) {
    guard current.kind == .blockEnd else { throw unexpected("\"%}\"") }
    advance()
  }

  func unexpected(_ expected: String) -> TemplateError {
    failure("expected \(expected), found \(current.description)")
  }

  func failure(_ message: String, line: Int? = nil) -> TemplateError {
    TemplateError(.syntax, message, line: line ?? self.line)
  }

  // MARK: Depth

  mutating func enter() throws(TemplateError) {
    depth += 1
    guard depth <= maximumDepth, stack.hasRoom else { throw tooDeep() }
  }

  /// Notes that the expression just read stands over others.
  mutating func grow(over heights: Int...) throws(TemplateError) {
    for other in heights { height = max(height, other) }
    height += 1
    guard height <= maximumDepth else { throw tooDeep() }
  }

  private func tooDeep() -> TemplateError {
    TemplateError(.limit, "it nests more than \(maximumDepth) deep", line: line)
  }

  // MARK: Bodies

  /// Reads statements up to a tag of one of these names, which is left for the caller.
  mutating func body(until ends: Set<String>) throws(TemplateError) -> [Statement] {
    try enter()
    defer { depth -= 1 }
    var statements: [Statement] = []
    while true {
      let line = line
      switch current.kind {
      case .data(let text):
        statements.append(.text(text))
        advance()
      case .variableBegin:
        advance()
        statements.append(.output(try tuple(), line: line))
        guard current.kind == .variableEnd else { throw unexpected("\"}}\"") }
        advance()
      case .blockBegin:
        advance()
        if case .name(let name) = current.kind, ends.contains(name) { return statements }
        statements.append(contentsOf: try statement(expecting: ends))
        try expectBlockEnd()
      case .end:
        guard ends.isEmpty else {
          throw failure("the template ends where \(Self.listed(ends)) was expected")
        }
        return statements
      default: throw unexpected("text or a tag")
      }
    }
  }

  /// Reads the rest of a tag, its body, and the name of the tag that ends it.
  mutating func block(until ends: Set<String>) throws(TemplateError) -> [Statement] {
    _ = skip(.colon)
    try expectBlockEnd()
    return try body(until: ends)
  }

  static func listed(_ names: Set<String>) -> String {
    names.sorted().map { "\"\($0)\"" }.joined(separator: " or ")
  }
}
