/// A schema as a tree, before it is known what its groups mean.
struct SchemaTree {
  let element: SchemaElement
  let children: [SchemaTree]
  /// The number of the column; nil for a group.
  let column: Int?

  /// The most levels of fields within each other.
  private static let deepest = 64

  /// The root of a schema, which the format writes as a list in depth-first order.
  static func root(of elements: [SchemaElement]) throws(ParquetFault) -> (SchemaTree, columns: Int)
  {
    var builder = Builder(elements: elements)
    let root = try builder.tree(depth: 0)
    guard builder.position == elements.count, root.column == nil else {
      throw ParquetFault("the schema is no tree of fields")
    }
    return (root, builder.columns)
  }

  private struct Builder {
    let elements: [SchemaElement]
    var position = 0
    var columns = 0

    mutating func tree(depth: Int) throws(ParquetFault) -> SchemaTree {
      guard position < elements.count else { throw ParquetFault("the schema is incomplete") }
      guard depth <= SchemaTree.deepest else {
        throw ParquetFault("the schema has more than \(SchemaTree.deepest) levels")
      }
      let element = elements[position]
      position += 1
      guard element.physical == nil else {
        columns += 1
        return SchemaTree(element: element, children: [], column: columns - 1)
      }
      guard element.childCount >= 0, element.childCount <= elements.count - position else {
        throw ParquetFault("the schema is incomplete")
      }
      var children: [SchemaTree] = []
      for _ in 0..<element.childCount { children.append(try tree(depth: depth + 1)) }
      return SchemaTree(element: element, children: children, column: nil)
    }
  }
}
