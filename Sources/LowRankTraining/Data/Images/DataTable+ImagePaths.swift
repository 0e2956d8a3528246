import LowRankCheckpoints
import LowRankKeys

extension DataTable {
  /// The column of the images' paths: the one that is given, else `file_name`.
  ///
  /// - Throws: `DataError` where it is not there or holds no paths, with the columns that there are.
  func pathColumn(_ given: String?) throws(DataError) -> String {
    let (fields, standard) = (rows[0].fields, ImageListing.fileColumn)
    let candidates = given.map { [$0] } ?? (fields[standard] == nil ? fields.keys : [])
    if let column = candidates.first(where: { fields[$0]?.object?["path"] != nil }) {
      throw DataError(firstPlace, structureOfPaths(column))
    }
    if let given { return given }
    guard fields[standard] == nil else { return standard }
    if format.isTable, let image = fields.keys.first(where: ImageListing.isImage) {
      throw DataError(firstPlace, lackOfHeader(image))
    }
    throw DataError(
      firstPlace,
      """
      \(missing(standard, among: fields.keys)); name the \(format.fieldName.one) of the images' paths with \
      \(setting: "text_column")
      """)
  }

  /// The file, or the first row where rows name their own keys.
  private var firstPlace: String { format.isTable ? file : place(of: rows[0]) }

  /// What to say of structures of a path without the image.
  private func structureOfPaths(_ column: String) -> String {
    let one = format.fieldName.one
    return """
      the \(one) "\(column)" holds structures with "path" and without "bytes", expected paths as strings; \
      \(listing(rows[0].fields.keys)); write the paths into a \(one) "\(ImageListing.fileColumn)"\
      \(format == .parquet ? ", or the images into \"bytes\"" : "")
      """
  }

  /// What to say of a table whose first line is a row.
  private func lackOfHeader(_ image: String) -> String {
    """
    the first line holds "\(image)", an image, where the names of columns are expected; \(listing(rows[0].fields.keys)); write \
    a line with \(ImageListing.fileColumn) and \(ImageListing.labelColumn) above it, or give the columns by numbers from 1 with \
    \(setting: "text_column") and \(setting: "label_column")
    """
  }
}
