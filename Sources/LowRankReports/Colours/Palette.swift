/// The colours of one appearance.
///
/// All text and series keep a contrast of 4.5 to the surface.
package struct Palette {
  static let seriesCount = 8

  let ink: String
  let muted: String
  let grid: String
  let surface: String
  /// What is a little raised: heads of tables, facts.
  let raised: String
  let accent: String
  let series: [String]

  package static let light = Palette(
    ink: "#1b1f24", muted: "#59626c", grid: "#dfe3e8", surface: "#ffffff", raised: "#f4f6f8",
    accent: "#1f5fbf",
    series: [
      "#1f5fbf", "#c2550a", "#1b7f4d", "#7d3fb2", "#b8306f", "#0f7b8a", "#86690a", "#5b6470",
    ])

  package static let dark = Palette(
    ink: "#e8eaed", muted: "#a3adb8", grid: "#343b44", surface: "#14171b", raised: "#1d2127",
    accent: "#7fb1ff",
    series: [
      "#7fb1ff", "#ff9f5a", "#5fce95", "#c79bf2", "#ff8ab8", "#56cbdc", "#e0bd4a", "#aab4c0",
    ])

  static let print = Palette(
    ink: "#000000", muted: "#333333", grid: "#cccccc", surface: "#ffffff", raised: "#ffffff",
    accent: "#000000", series: light.series)

  /// The custom properties of a style sheet.
  package var properties: String {
    let named = [
      ("ink", ink), ("muted", muted), ("grid", grid), ("surface", surface), ("raised", raised),
      ("accent", accent),
    ]
    let numbered = series.enumerated().map { ("series-\($0.offset)", $0.element) }
    return (named + numbered).map { "--\($0.0):\($0.1);" }.joined()
  }
}
