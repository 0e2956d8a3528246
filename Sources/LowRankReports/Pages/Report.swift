/// A page of figures, tables and text in one file that needs nothing else.
public struct Report: Sendable {
  /// Its name.
  public var title: String
  /// A sentence or two on what was found.
  public var lead: String
  /// What everything below is about, such as the adapter's name and its parameters.
  public var facts: [Fact]
  /// The same of several things that are compared, a row for each; nil for one.
  public var comparison: Table?
  /// What it consists of; from four on there is a table of contents.
  public var sections: [Section]

  /// Makes the report.
  public init(_ title: String, lead: String = "", facts: [Fact] = [], sections: [Section] = []) {
    (self.title, self.lead, self.facts, self.sections) = (title, lead, facts, sections)
  }

  /// A name and a value.
  public struct Fact: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// How much, or which.
    public var value: String

    /// Makes the fact.
    public init(_ name: String, _ value: String) {
      (self.name, self.value) = (name, value)
    }
  }

  /// A part with a heading.
  public struct Section: Sendable {
    /// The heading.
    public var heading: String
    /// What is in it, in order.
    public var blocks: [Block]

    /// Makes the section.
    public init(_ heading: String, _ blocks: [Block]) {
      (self.heading, self.blocks) = (heading, blocks)
    }
  }

  /// A piece of a section.
  public enum Block: Sendable {
    /// Text.
    case paragraph(String)
    /// A figure, with what there is to see in it.
    case figure(any Figure, caption: String)
    /// Rows and columns, with what they are.
    case table(Table, caption: String)
  }
}
