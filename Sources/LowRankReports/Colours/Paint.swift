extension Drawing {
  /// A colour by its meaning, so that a page can be light, dark or printed.
  public enum Paint: Hashable, Sendable {
    /// Text and what matters most.
    case ink
    /// Secondary text and axes.
    case muted
    /// Lines that guide the eye, and what has no value.
    case grid
    /// What lies under everything.
    case surface
    /// The colour of a series, 0 to 7.
    case series(Int)
    /// A place on the colour scale, 0 to 1.
    case scale(Double)
    /// What is readable on that place of the colour scale.
    case onScale(Double)

    /// The colour where a style sheet defines the variables of ``Palette``.
    var variable: String {
      switch self {
      case .ink: "var(--ink)"
      case .muted: "var(--muted)"
      case .grid: "var(--grid)"
      case .surface: "var(--surface)"
      case .series(let index): "var(--series-\(index % Palette.seriesCount))"
      case .scale(let place): ColourScale.colour(at: place).hexadecimal
      case .onScale(let place): ColourScale.ink(at: place).hexadecimal
      }
    }

    /// The colour on white.
    var light: String {
      let palette = Palette.light
      return switch self {
      case .ink: palette.ink
      case .muted: palette.muted
      case .grid: palette.grid
      case .surface: palette.surface
      case .series(let index): palette.series[index % Palette.seriesCount]
      case .scale, .onScale: variable
      }
    }
  }
}
