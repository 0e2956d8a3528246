/// A field with what its group means, and the levels that say which of it a row has.
struct SchemaNode: Sendable {
  /// A list's levels: an entry is an element from `definition` on, and the next element of the same list if its
  /// repetition level is `repetition`.
  struct Levels: Hashable, Sendable {
    let definition: Int
    let repetition: Int
  }

  indirect enum Content: Sendable {
    case column(ParquetColumn)
    case structure([SchemaNode])
    case list(Levels, SchemaNode)
    case map(Levels, key: SchemaNode, value: SchemaNode)
  }

  let name: String
  /// The definition level from which on the field is not null; nil if it is never null.
  let presence: Int?
  let content: Content

  /// The fields of the rows.
  static func fields(of elements: [SchemaElement]) throws(ParquetFault) -> (
    [SchemaNode], columns: Int
  ) {
    let (root, columns) = try SchemaTree.root(of: elements)
    var fields: [SchemaNode] = []
    for child in root.children {
      fields.append(
        try SchemaNode(child, Levels(definition: 0, repetition: 0), [child.element.name]))
    }
    return (fields, columns)
  }

  /// A field in a parent that is there.
  private init(_ tree: SchemaTree, _ levels: Levels, _ path: [String]) throws(ParquetFault) {
    switch tree.element.repetition {
    case .required:
      self = try Self(body: tree, levels, path, presence: nil)
    case .optional:
      let deeper = Levels(
        definition: levels.definition + 1, repetition: levels.repetition)
      self = try Self(body: tree, deeper, path, presence: deeper.definition)
    case .repeated:
      let deeper = levels.repeated
      self.init(
        name: tree.element.name, presence: nil,
        content: .list(deeper, try Self(body: tree, deeper, path, presence: nil)))
    }
  }

  private init(name: String, presence: Int?, content: Content) {
    (self.name, self.presence, self.content) = (name, presence, content)
  }

  /// A field, whatever its repetition.
  private init(
    body tree: SchemaTree, _ levels: Levels, _ path: [String], presence: Int?
  ) throws(ParquetFault) {
    name = tree.element.name
    self.presence = presence
    if let column = tree.column, let physical = tree.element.physical {
      content = .column(
        ParquetColumn(
          path: path, index: column, physical: physical, length: tree.element.length,
          annotation: tree.element.annotation, definition: levels.definition,
          repetition: levels.repetition))
      return
    }
    if let inner = tree.onlyRepeatedChild {
      let deeper = levels.repeated
      if tree.element.annotation == .list {
        content = .list(
          deeper,
          inner.isElement(of: tree)
            ? try Self(body: inner, deeper, path, presence: nil)
            : try Self(inner.children[0], deeper, path))
        return
      }
      if tree.element.annotation == .map, inner.children.count == 2 {
        content = .map(
          deeper, key: try Self(inner.children[0], deeper, path + ["key"]),
          value: try Self(inner.children[1], deeper, path + ["value"]))
        return
      }
    }
    var fields: [SchemaNode] = []
    for child in tree.children {
      fields.append(try Self(child, levels, path + [child.element.name]))
    }
    content = .structure(fields)
  }

  /// The columns of the field, in order.
  var columns: [ParquetColumn] {
    switch content {
    case .column(let column): [column]
    case .structure(let fields): fields.flatMap(\.columns)
    case .list(_, let element): element.columns
    case .map(_, let key, let value): key.columns + value.columns
    }
  }
}

extension SchemaNode.Levels {
  /// The levels of the elements of a list.
  fileprivate var repeated: Self { Self(definition: definition + 1, repetition: repetition + 1) }
}

extension SchemaTree {
  fileprivate var onlyRepeatedChild: SchemaTree? {
    children.count == 1 && children[0].element.repetition == .repeated ? children[0] : nil
  }

  /// Whether the repeated field in a list is the element itself, as older writers have it, rather than a group around
  /// the element.
  fileprivate func isElement(of list: SchemaTree) -> Bool {
    children.count != 1 || children[0].element.repetition == .repeated
      || element.name == "array" || element.name == list.element.name + "_tuple"
  }
}
