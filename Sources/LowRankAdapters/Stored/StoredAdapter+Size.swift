import LowRankCheckpoints

extension StoredAdapter {
  /// The bytes that a parameter of the factors takes, the most of any.
  public var bytesPerParameter: Int {
    modules.map { max($0.down.type.bits, $0.up.type.bits) / 8 }.max() ?? 4
  }

  /// The bytes of PEFT's file that do not depend on the ranks: its header, at most, and what is not factors.
  public var byteCountBesideFactors: Int {
    if let file = peftFile {
      let factors = modules.reduce(0) { $0 + $1.down.byteCount + $1.up.byteCount }
      // Offsets may take more digits than before, and padding of the header up to 64 bytes.
      return file.bytes.count - factors + 64
    }
    let names =
      modules.flatMap { module in
        let stem = AdapterFolder.prefix + module.path
        let magnitudes = module.magnitude == nil ? [] : [stem + StoredModule.magnitudeSuffix]
        return [stem + module.kind.downSuffix, stem + module.kind.upSuffix] + magnitudes
      } + others.map(\.name.text)
    let kept = (others + modules.compactMap(\.magnitude)).reduce(0) { $0 + $1.byteCount }
    // What surrounds a name: type, shape and offsets.
    return kept + names.reduce(0) { $0 + $1.utf8.count + 96 }
      + JSONValue.object(metadata).text().utf8.count + 64
  }

  /// PEFT's file, where all of the adapter is in it.
  private var peftFile: MappedFile? {
    guard format == .peft, let file = modules.first?.down.stored?.file,
      modules.allSatisfy({ $0.down.stored?.file === file && $0.up.stored?.file === file })
    else { return nil }
    return file
  }
}
