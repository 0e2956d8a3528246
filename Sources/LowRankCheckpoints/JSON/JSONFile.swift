import Foundation

/// A file that holds one JSON object, such as `config.json`.
public struct JSONFile: JSONFields {
  /// Where the file lies.
  public let url: URL
  /// The values.
  public let object: JSONObject
  /// The path of the file, as it was given.
  public var source: String { url.relativePath }
  /// Empty: the object is the outermost one.
  public var path: String { "" }

  /// Reads a file.
  ///
  /// - Throws: `FileError` where it cannot be read, `JSONError` where it is not one JSON object.
  public init(at url: URL) throws {
    let file = try MappedFile(at: url)
    let value = try JSONValue(parsing: file.bytes, from: url.relativePath)
    guard let object = value.object else {
      throw JSONError(source: url.relativePath, problem: "must be an object, found \(value.kind)")
    }
    self.init(object, at: url)
  }

  /// An object as if it had been read from `url`.
  public init(_ object: JSONObject, at url: URL) {
    self.url = url
    self.object = object
  }
}
