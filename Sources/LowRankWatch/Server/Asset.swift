import LowRankReports

/// A file of the page, which is inside the program.
struct Asset: Equatable {
  let path: String
  let type: String
  let bytes: [UInt8]

  static func == (first: Asset, second: Asset) -> Bool { first.path == second.path }

  static let page = PackageResources.index_html

  /// The files by their paths.
  static let all: [String: Asset] = {
    let script = "text/javascript; charset=utf-8"
    let assets = [
      Asset(path: "/app.css", type: "text/css; charset=utf-8", bytes: style),
      Asset(path: "/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
      Asset(path: "/app.js", type: script, bytes: PackageResources.app_js),
      Asset(path: "/charts.js", type: script, bytes: PackageResources.charts_js),
      Asset(path: "/connection.js", type: script, bytes: PackageResources.connection_js),
      Asset(path: "/crosshair.js", type: script, bytes: PackageResources.crosshair_js),
      Asset(path: "/elements.js", type: script, bytes: PackageResources.elements_js),
      Asset(path: "/linechart.js", type: script, bytes: PackageResources.linechart_js),
      Asset(path: "/normmap.js", type: script, bytes: PackageResources.normmap_js),
      Asset(path: "/normpanel.js", type: script, bytes: PackageResources.normpanel_js),
      Asset(path: "/numbers.js", type: script, bytes: PackageResources.numbers_js),
      Asset(path: "/runlist.js", type: script, bytes: PackageResources.runlist_js),
      Asset(path: "/scales.js", type: script, bytes: PackageResources.scales_js),
      Asset(path: "/series.js", type: script, bytes: PackageResources.series_js),
      Asset(path: "/status.js", type: script, bytes: PackageResources.status_js),
      Asset(path: "/table.js", type: script, bytes: PackageResources.table_js),
      Asset(path: "/theme.js", type: script, bytes: PackageResources.theme_js),
    ]
    return Dictionary(uniqueKeysWithValues: assets.map { ($0.path, $0) })
  }()

  /// The style sheet, in the colours of our reports.
  private static let style: [UInt8] = {
    let levels = 16
    let scale = (0..<levels).map {
      let colour = ColourScale.colour(at: Double($0) / Double(levels - 1)).hexadecimal
      return "--level-\($0):\(colour);"
    }
    let (light, dark) = (Palette.light.properties, Palette.dark.properties)
    let colours = """
      :root{color-scheme:light;\(light)\(scale.joined())}
      @media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;\(dark)}}
      :root[data-theme=dark]{color-scheme:dark;\(dark)}

      """
    return Array(colours.utf8) + PackageResources.app_css
  }()
}
