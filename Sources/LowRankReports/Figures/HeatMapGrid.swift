/// Where the cells and labels of a heat map are.
struct HeatMapGrid {
  /// How labels of columns stand.
  enum ColumnLabels: Hashable {
    case level
    case slanted
  }

  let left: Double
  /// The height of the labels above the cells.
  let head: Double
  let cellWidth: Double
  let cellHeight: Double
  /// Between cells.
  let gap: Double
  let columnLabels: ColumnLabels
  /// Every how many rows and columns there is a label.
  let rowStep: Int
  let columnStep: Int
  /// How wide all is.
  let width: Double

  /// The length that a label may have.
  let rowLabelLimit: Double
  static let columnLabelLimit = 150.0

  /// Fits a map into a width, or a larger one if its cells were too narrow to tell apart.
  init(_ map: HeatMap, width available: Double) {
    let size = Sketch.Size.label
    func widest(_ labels: [String]) -> Double {
      labels.map { textWidth($0, size: size) }.max() ?? 0
    }
    let count = Double(max(1, map.columns.count))
    rowLabelLimit = max(0.42 * available, min(0.6 * available, available - 40 * count - 40))
    let rowLabels = max(
      min(rowLabelLimit, widest(map.rows)), textWidth(map.rowTitle, size: size))
    left = (rowLabels + 8).rounded(.up)
    let columnLabel = min(Self.columnLabelLimit, widest(map.columns))
    let least = count > 40 ? 10.0 : count > 12 ? 16 : 24
    let step = { (cell: Double) in max(1, Int((18 / cell).rounded(.up))) }
    // Slanted labels lean out at the right.
    let leaning = columnLabel * 0.71 + 8
    let whole = ((available - left) / count).rounded(.down)
    if columnLabel + 8 <= min(96, max(least, whole)) {
      (columnLabels, columnStep) = (.level, 1)
      cellWidth = min(max(64, columnLabel.rounded(.up) + 8), max(least, whole))
    } else if columnLabel <= 28 {
      cellWidth = max(least, whole)
      (columnLabels, columnStep) = (.level, Int(((columnLabel + 8) / cellWidth).rounded(.up)))
    } else {
      let fitting = ((available - left - leaning + 12) / count).rounded(.down)
      cellWidth = min(64, max(least, fitting))
      (columnLabels, columnStep) = (.slanted, step(cellWidth))
    }
    cellHeight = map.rows.count <= 40 ? 22 : max(10, min(18, cellWidth))
    rowStep = cellHeight < 15 ? Int((15 / cellHeight).rounded(.up)) : 1
    gap = min(cellWidth, cellHeight) >= 14 ? 1 : 0
    head = columnLabels == .level ? 20 : (columnLabel * 0.71 + 16).rounded(.up)
    let overhang = (columnLabels == .level ? columnLabel / 2 : leaning) - cellWidth / 2
    width = left + cellWidth * count + max(0, overhang)
  }
}
