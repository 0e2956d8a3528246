import LowRankReports

/// Modules as a grid of layers and kinds, as reports show them.
struct ModuleGrid {
  private let places: [ModulePlace]
  /// The layers, in order; "–" for modules outside of layers.
  private let layers: [Int?]
  private let kinds: [String]

  init(_ paths: [String]) {
    places = paths.map { ModulePlace($0) }
    layers = Array(Set(places.map(\.layer))).sorted { ($0 ?? .max) < ($1 ?? .max) }
    var seen: Set<String> = []
    kinds = places.map(\.kind).filter { seen.insert($0).inserted }
  }

  /// The last components of each kind, as many as tell it from the others: `q_proj`, but `attn.c_proj` and `mlp.c_proj`.
  static func shortNames(of kinds: [String]) -> [String] {
    let parts = kinds.map { $0.split(separator: ".") }
    return parts.map { own in
      let length = (1...max(1, own.count)).first { length in
        parts.count { $0.suffix(length) == own.suffix(length) } == 1
      }
      return own.suffix(length ?? own.count).joined(separator: ".")
    }
  }

  /// A map of one value for each module, in the order of the paths.
  func heatMap(_ title: String, _ values: [Double?], scale: Axis) -> HeatMap {
    var cells = [[Double?]](
      repeating: [Double?](repeating: nil, count: kinds.count), count: layers.count)
    for (place, value) in zip(places, values) {
      guard let row = layers.firstIndex(of: place.layer),
        let column = kinds.firstIndex(of: place.kind)
      else { continue }
      cells[row][column] = value
    }
    return HeatMap(
      title, rows: layers.map { $0.map(String.init) ?? "–" }, rowTitle: "layer",
      columns: Self.shortNames(of: kinds),
      columnTitle: "projection", values: cells, scale: scale)
  }
}
