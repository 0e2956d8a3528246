import LowRankReports

extension Drawing {
  /// The texts with their places.
  var texts: [(content: String, point: Point, lettering: Lettering)] {
    shapes.compactMap {
      guard case .text(let content, let point, let lettering, _) = $0 else { return nil }
      return (content, point, lettering)
    }
  }

  /// The rectangles with their colours.
  var rectangles: [(rectangle: Rectangle, fill: Paint, hint: String?)] {
    shapes.compactMap {
      guard case .rectangle(let rectangle, let fill, let hint) = $0 else { return nil }
      return (rectangle, fill, hint)
    }
  }

  /// The centres of the circles of a colour: markers of the first series.
  func circles(_ paint: Paint) -> [Point] {
    shapes.compactMap {
      guard case .circle(let centre, _, paint) = $0 else { return nil }
      return centre
    }
  }

  /// The lines through several points.
  var polylines: [[Point]] {
    shapes.compactMap {
      guard case .polyline(let points, _) = $0 else { return nil }
      return points
    }
  }

  /// Where a text stands.
  func point(of content: String) -> Point? {
    texts.first { $0.content == content }?.point
  }

  func holds(_ content: String) -> Bool {
    texts.contains { $0.content.contains(content) }
  }
}
