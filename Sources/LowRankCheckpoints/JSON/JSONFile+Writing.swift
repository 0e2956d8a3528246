extension JSONFile {
  /// Writes the object where it lies, indented; publish the folder that holds it.
  ///
  /// - Throws: `FileError`.
  public func write() throws(FileError) {
    let file = try OutputFile(at: url)
    try file.write(JSONValue.object(object).bytes(.pretty) + [UInt8(ascii: "\n")])
    try file.close()
  }
}
