import Foundation
import LowRankImages

/// Where the bytes of an image are: in a file, or in a row of a Parquet file.
struct ImageSource: Sendable {
  private enum Content {
    case file(String)
    case cell(ImageColumn, DataRow)
    /// A file that may not be read.
    case outside(String)
    /// No image, in a row that should name one.
    case nothing
  }

  private let content: Content
  /// The row and the column that name the image, for messages; nil for images of a folder.
  private let place: String?

  /// A file, which a row and column of a table may name.
  init(file path: String, namedAt place: String? = nil) {
    (content, self.place) = (.file(path), place)
  }

  /// A file that may not be read, which a row and column of a table name.
  init(outside path: String, namedAt place: String) {
    (content, self.place) = (.outside(path), place)
  }

  /// A row's value in a column of images.
  init(_ column: ImageColumn, _ row: DataRow, at place: String) {
    (content, self.place) = (.cell(column, row), place)
  }

  /// A row that names no file.
  init(nothingAt place: String) { (content, self.place) = (.nothing, place) }

  /// What messages call the image: its path, or where it should be.
  var name: String {
    switch content {
    case .file(let path): path
    case .cell, .outside, .nothing: place ?? ""
    }
  }

  /// Hands out the bytes.
  ///
  /// - Throws: `DataError` where they cannot be read, or what `use` throws of them in a sentence.
  func withBytes<Value>(
    _ use: (UnsafeRawBufferPointer) throws(ImageError) -> Value
  ) throws(DataError) -> Value {
    switch content {
    case .nothing: throw DataError(name, "there is no image: the row names none")
    case .file(let path): return try Self.withBytes(of: path, namedAt: place, use)
    case .outside(let path): throw DataError(name, "\(path): \(ImageFolder.outside)")
    case .cell(let column, let row):
      switch try column.image(of: row) {
      case .bytes(let bytes):
        return try Self.result(bytes.withUnsafeBytes { Self.used($0, use) }) {
          DataError(name, $0.sentence(about: "the value"))
        }
      case .path(let path): return try Self.withBytes(of: path, namedAt: place, use)
      case .outside(let path): throw DataError(name, "\(path): \(ImageFolder.outside)")
      case nil: throw DataError(name, "there is no image: the row has neither bytes nor a path")
      }
    }
  }

  private static func withBytes<Value>(
    of path: String, namedAt place: String?,
    _ use: (UnsafeRawBufferPointer) throws(ImageError) -> Value
  ) throws(DataError) -> Value {
    func failure(_ problem: String) -> DataError {
      place.map { DataError($0, "\(path): \(problem)") } ?? DataError(path, problem)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
    else { throw failure("there is no such image") }
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard (size ?? 0) <= RGBImage.mostBytes else {
      throw failure("\(ImageError.tooManyBytes(size ?? 0, most: RGBImage.mostBytes))")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure("the file cannot be read")
    }
    return try result(data.withUnsafeBytes { used($0, use) }) { failure("\($0)") }
  }

  private static func used<Value>(
    _ bytes: UnsafeRawBufferPointer,
    _ use: (UnsafeRawBufferPointer) throws(ImageError) -> Value
  ) -> Result<Value, ImageError> {
    do throws(ImageError) { return .success(try use(bytes)) } catch { return .failure(error) }
  }

  private static func result<Value>(
    _ result: Result<Value, ImageError>, _ failure: (ImageError) -> DataError
  ) throws(DataError) -> Value {
    switch result {
    case .success(let value): return value
    case .failure(let error): throw failure(error)
    }
  }
}
