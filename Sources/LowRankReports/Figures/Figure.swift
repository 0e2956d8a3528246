/// A picture of numbers, for any width.
public protocol Figure: Sendable {
  /// A few words that say what is shown.
  var title: String { get }

  /// What it shows in sentences, as a text alternative.
  var summary: String { get }

  /// The numbers it shows.
  var table: Report.Table { get }

  /// Draws it.
  ///
  /// - Parameters:
  ///   - width: the width that is there, in CSS pixels; what cannot be readable in it is wider.
  ///   - titled: whether the title is part of the picture.
  func drawing(width: Double, titled: Bool) -> Drawing
}

extension Figure {
  /// The figure with its title, as wide as a page of a book.
  public var drawing: Drawing { drawing(width: FigureWidth.wide, titled: true) }
}

/// The widths that pages are laid out for.
enum FigureWidth {
  /// A phone's, without the margins.
  static let narrow = 358.0
  /// That of the column of text on a desk.
  static let wide = 720.0
}
