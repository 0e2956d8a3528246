import LowRankCheckpoints
import LowRankTensors

extension StoredAdapter {
  /// The bytes that a parameter of the factors takes, the most of any.
  public var bytesPerParameter: Int {
    modules.map { max($0.down.type.bits, $0.up.type.bits) / 8 }.max() ?? 4
  }

  /// The bytes of PEFT's file, where all of the adapter is in one.
  public var peftByteCount: Int? {
    guard format == .peft, let file = modules.first?.down.stored?.file,
      modules.allSatisfy({ $0.down.stored?.file === file && $0.up.stored?.file === file })
    else { return nil }
    return file.bytes.count
  }

  /// The bytes of PEFT's file, at most, when every module is left out: metadata and tensors that are not factors.
  public var byteCountWithoutModules: Int {
    let tensors = others.reduce(0) { $0 + $1.byteCount + Self.entry($1.name.text, $1.shape.count) }
    // The header's length and braces, the key of the metadata, and padding to 64 bytes.
    return tensors + JSONValue.object(metadata).text().utf8.count + 8 + 24 + 64
  }

  /// The bytes, at most, that a module takes besides its factors: their entries in the header, and its magnitudes.
  public func headerByteCount(of module: StoredModule) -> Int {
    let stem = AdapterFolder.prefix + module.path
    let factors = [
      (stem + module.kind.downSuffix, module.down.shape.count),
      (stem + module.kind.upSuffix, module.up.shape.count),
    ]
    let entries = factors.reduce(0) { $0 + Self.entry($1.0, $1.1) }
    guard let magnitude = module.magnitude else { return entries }
    return entries + magnitude.byteCount
      + Self.entry(stem + StoredModule.magnitudeSuffix, magnitude.shape.count)
  }

  /// A tensor's entry in the header: `"name":{"dtype":"BF16","shape":[8,64],"data_offsets":[0,1024]},`.
  private static func entry(_ name: String, _ count: Int) -> Int {
    // A name of quotes and the like takes up to six times its bytes; two extents, and two offsets of at most as many
    // digits as the largest file has.
    JSONValue.string(name).text().utf8.count + 52 + String(count).utf8.count + 2 * 11
  }
}
