import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `A mapped file` {
  /// The bytes of a file that are in the memory of the process.
  private func resident(_ name: String) throws -> Int {
    let maps = try String(contentsOfFile: "/proc/self/smaps", encoding: .utf8)
    var (isOurs, sum) = (false, 0)
    for line in maps.split(separator: "\n") {
      if line.hasPrefix("Rss:"), isOurs {
        sum += 1024 * (Int(line.split(separator: " ")[1]) ?? 0)
      } else if line.first?.isHexDigit == true, line.first?.isUppercase != true {
        isOurs = line.hasSuffix(name)
      }
    }
    return sum
  }

  @Test func `forgets pages that are no longer needed, and reads them again`() throws {
    let name = "mapped-\(UUID())"
    let url = FileManager.default.temporaryDirectory.appending(path: name)
    defer { try? FileManager.default.removeItem(at: url) }
    let content = (0..<1 << 22).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try Data(content).write(to: url)
    let file = try MappedFile(at: url)
    #expect(file.bytes.elementsEqual(content))
    #expect(try resident(name) == 1 << 22)
    // Pages that hold bytes beside the range stay.
    file.forget(100..<(1 << 21) + 100)
    #expect(try resident(name) == (1 << 21) + 4096)
    file.forget(0..<file.bytes.count)
    #expect(try resident(name) == 0)
    #expect(file.bytes.elementsEqual(content))
  }
}
