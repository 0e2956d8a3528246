import LowRankCheckpoints

extension StoredAdapter {
  /// The bytes that a parameter of the factors takes, the most of any.
  public var bytesPerParameter: Int {
    modules.map { max($0.down.type.bits, $0.up.type.bits) / 8 }.max() ?? 4
  }

  /// The bytes of the file that do not depend on the ranks: its header, at most, and what is not factors.
  public var byteCountBesideFactors: Int {
    let factors = modules.reduce(0) { $0 + $1.down.byteCount + $1.up.byteCount }
    // Offsets may take more digits than before, and padding of the header up to 64 bytes.
    return folder.file.file.bytes.count - factors + 64
  }
}
