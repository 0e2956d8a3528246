import LowRank

extension PlanSettings {
  /// The limit in bytes.
  package var limit: Int? {
    get throws { try Self.bytes(memoryLimit, of: .memoryLimit) }
  }

  /// The bytes for the statistics of a group of modules.
  package var statisticsBudget: Int {
    get throws {
      if let given = try Self.bytes(statisticsMemory, of: .statisticsMemory) { return given }
      let free = try limit.map { max(0, $0 - ProcessMemory.current) } ?? FreeMemory.bytes
      return min(free, FreeMemory.bytes) / 4
    }
  }

  private static func bytes(_ text: String?, of key: RunKey) throws -> Int? {
    guard let text else { return nil }
    guard let bytes = ByteCount(text)?.bytes, bytes >= 1_000_000 else {
      throw SettingsError("\(key) is \"\(text)\", expected a size of at least 1MB, as 900MB or 2GB")
    }
    return bytes
  }
}
