extension [UInt8] {
  /// Calls `body` with the bytes; the standard library's method loses the type of the error.
  func withBytes<Value>(
    _ body: (UnsafeRawBufferPointer) throws(ParquetFault) -> Value
  ) throws(ParquetFault) -> Value {
    let result: Result<Value, ParquetFault> = withUnsafeBytes { bytes in
      do throws(ParquetFault) { return .success(try body(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
