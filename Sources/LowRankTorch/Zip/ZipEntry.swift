/// A file in a zip archive, as the archive's directory describes it.
struct ZipEntry: BitwiseCopyable {
  /// How the content is stored.
  enum Method: UInt16, BitwiseCopyable {
    case stored = 0
    case deflated = 8
  }

  /// Where its name stands in the file.
  let nameStart: Int
  let nameCount: UInt16
  let method: Method
  /// Where its own header stands.
  let headerStart: Int
  /// Where its content stands, packed or not.
  var contentStart = 0
  let packedSize: Int
  let size: Int

  var name: Range<Int> { nameStart..<nameStart + Int(nameCount) }
  var content: Range<Int> { contentStart..<contentStart + packedSize }
}
