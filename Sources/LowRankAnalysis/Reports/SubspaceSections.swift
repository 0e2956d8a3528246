import LowRankReports
import LowRankTensors

extension Report.Section {
  /// The subspaces that two adapters share.
  static func similarity(_ similarity: AdapterSimilarity, of name: String, and other: String)
    -> Report.Section
  {
    let modules = similarity.modules
    let grid = ModuleGrid(modules.map(\.path))
    let axis = Axis("φ", covering: 0...1)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
    let baseline = mean(
      modules.map { $0.right.baseline($0.right.grid.rows, $0.right.grid.columns) })
    var blocks: [Report.Block] = [
      .paragraph(
        """
        φ(i, j) is the share of the smaller of two subspaces, of i and j leading singular vectors, that lies in the \
        other: 1 where one holds the other, and for random ones about max(i, j) by the dimension, here \
        \(NumberText.short(baseline)) on the mean.
        """),
      .figure(
        grid.heatMap("φ of what modules read", modules.map(\.right.whole), scale: axis),
        caption: "Right singular vectors: the directions of inputs that the updates look at."),
      .figure(
        grid.heatMap("φ of what modules write", modules.map(\.left.whole), scale: axis),
        caption: "Left singular vectors: the directions of outputs that the updates add to."),
    ]
    // The modules that agree most in their first direction, as the paper shows one.
    let shown = modules.sorted {
      ($1.right.grid.elements.first ?? 0, $0.path) < ($0.right.grid.elements.first ?? 0, $1.path)
    }.prefix(2)
    for module in shown {
      blocks.append(
        .figure(
          phi("φ(i, j) of \(module.path), reading", module.right, axis),
          caption: "How far the leading i directions of \(name) lie in the leading j of \(other)."))
      blocks.append(
        .figure(
          phi("φ(i, j) of \(module.path), writing", module.left, axis),
          caption: "The same of what the module writes."))
    }
    blocks.append(
      .table(
        Report.Table(
          columns: [
            "module", "φ(1, 1) reads", "φ reads", "distance", "φ(1, 1) writes", "φ writes",
            "distance",
          ],
          rows: modules.map { module in
            [
              .name(module.path), .number(module.right.grid.elements.first ?? 0),
              .number(module.right.whole), .number(module.rightAngles.geodesicDistance),
              .number(module.left.grid.elements.first ?? 0), .number(module.left.whole),
              .number(module.leftAngles.geodesicDistance),
            ]
          }),
        caption: "Distances are geodesic ones on the Grassmann manifold, in radians."))
    return Report.Section("Subspaces of \(name) and \(other)", blocks)
  }

  private static func phi(_ title: String, _ similarity: SubspaceSimilarity, _ axis: Axis)
    -> HeatMap
  {
    let grid = similarity.grid
    return HeatMap(
      title, rows: (1...max(1, grid.rows)).map(String.init), rowTitle: "i",
      columns: (1...max(1, grid.columns)).map(String.init), columnTitle: "j",
      values: (0..<grid.rows).map { row in (0..<grid.columns).map { grid[row, $0] } },
      scale: axis)
  }

  /// The subspaces that the layers of an adapter share.
  static func layers(_ kinds: [LayerSimilarity]) -> Report.Section {
    let axis = Axis("φ", covering: 0...1)
    return Report.Section(
      "Subspaces across layers",
      kinds.map { kind in
        let names = kind.paths.map { ModulePlace($0).layer.map(String.init) ?? $0 }
        let grid = kind.right
        return .figure(
          HeatMap(
            "φ of what \(kind.kind) reads", rows: names, rowTitle: "layer", columns: names,
            columnTitle: "layer",
            values: (0..<grid.rows).map { row in (0..<grid.columns).map { grid[row, $0] } },
            scale: axis),
          caption: "How far two layers' updates look at the same directions of their inputs.")
      })
  }
}
