import Foundation

/// The bytes of a mapped file that are in the memory of the process.
///
/// The list of mappings is read line by line: Foundation reads only the beginning of such files, whose size is 0.
func residentBytes(ofFile url: URL) throws -> Int {
  guard let maps = fopen("/proc/self/smaps", "r") else { throw CocoaError(.fileReadUnknown) }
  defer { fclose(maps) }
  var buffer: UnsafeMutablePointer<CChar>?
  var size = 0
  defer { free(buffer) }
  var (isOurs, sum) = (false, 0)
  while getline(&buffer, &size, maps) > 0, let buffer {
    let fields = String(cString: buffer).split(whereSeparator: \.isWhitespace)
    guard let first = fields.first else { continue }
    if first == "Rss:", isOurs {
      sum += 1024 * (Int(fields[1]) ?? 0)
    } else if !first.hasSuffix(":") {
      isOurs = fields.last?.hasSuffix(url.lastPathComponent) == true
    }
  }
  return sum
}
