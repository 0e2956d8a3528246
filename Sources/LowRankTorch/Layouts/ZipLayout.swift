/// The layout since torch 1.6: a zip archive with `data.pkl`, `byteorder`, and a file for each storage.
enum ZipLayout {
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ budget: MemoryBudget
  ) throws(TorchFault) -> TorchFile {
    let archive = try ZipArchive(bytes, budget)
    let prefix = try prefix(of: archive)
    guard archive.entry(prefix, "constants.pkl") == nil else {
      throw .refused("is a program of TorchScript, written by torch.jit.save")
    }
    guard let entry = archive.entry(prefix, "data.pkl") else {
      throw .refused("is a zip archive, but none of torch: it holds no data.pkl")
    }
    let content = try archive.content(entry, budget)
    let swaps = try isBigEndian(archive, prefix, budget)
    let pickle: UnsafeRawBufferPointer
    switch content {
    case .file(let range): pickle = UnsafeRawBufferPointer(rebasing: bytes[range])
    case .memory(let memory): pickle = memory.bytes
    }
    // Unpacked bytes stay until the tensors are described.
    return try withExtendedLifetime(content) { () throws(TorchFault) in
      var unpickler = Unpickler(pickle, budget)
      let root = try unpickler.run()
      var storages = ZipStorages(archive: archive, prefix: prefix, pickle: pickle, budget)
      let source = TensorSource(file: bytes, isBigEndian: swaps)
      return try TorchFile(root, of: unpickler, in: source, budget) {
        (storage) throws(TorchFault) in try storages.place(of: storage)
      }
    }
  }

  /// The folder in the archive, which has the name that the file had when it was written.
  private static func prefix(
    of archive: ZipArchive
  ) throws(TorchFault) -> Slice<UnsafeRawBufferPointer> {
    guard archive.entries.count > 0 else { throw .damaged("is an empty zip archive") }
    let name = archive.entries[0].name
    let end = archive.bytes[name].firstIndex(of: 0x2f)
    guard let end else { throw .refused("is a zip archive, but none of torch") }
    return archive.bytes[name.lowerBound...end]
  }

  private static func isBigEndian(
    _ archive: ZipArchive, _ prefix: Slice<UnsafeRawBufferPointer>,
    _ budget: MemoryBudget
  ) throws(TorchFault) -> Bool {
    // Files of torch before 2.1 do not say it, and those that wrote them were little-endian.
    guard let entry = archive.entry(prefix, "byteorder") else { return false }
    let order: Slice<UnsafeRawBufferPointer>
    let content = try archive.content(entry, budget)
    switch content {
    case .file(let range): order = archive.bytes[range]
    case .memory(let memory): order = memory.bytes[...]
    }
    return try withExtendedLifetime(content) { () throws(TorchFault) in
      if order.equals("little") { return false }
      if order.equals("big") { return true }
      throw .damaged("is broken: its byte order is neither little nor big")
    }
  }
}

/// The places of storages in an archive.
struct ZipStorages {
  private let archive: ZipArchive
  private let prefix: Slice<UnsafeRawBufferPointer>
  private let pickle: UnsafeRawBufferPointer
  private let budget: MemoryBudget
  /// What was unpacked, by the place of its entry.
  private var unpacked: [Int: TorchMemory] = [:]

  init(
    archive: ZipArchive, prefix: Slice<UnsafeRawBufferPointer>,
    pickle: UnsafeRawBufferPointer, _ budget: MemoryBudget
  ) {
    self.archive = archive
    self.prefix = prefix
    self.pickle = pickle
    self.budget = budget
  }

  /// The bytes of a storage.
  mutating func place(of storage: PickledStorage) throws(TorchFault) -> TorchTensor.Place {
    guard let entry = archive.entry(prefix, "data/", pickle[storage.key.range]) else {
      throw .damaged("is broken: it lacks the storage \(pickle.printable(storage.key.range))")
    }
    let (size, overflows) = storage.count.multipliedReportingOverflow(by: storage.elementSize)
    guard !overflows, size == entry.size else {
      throw .damaged(
        "is broken: the storage \(pickle.printable(storage.key.range)) has \(entry.size) bytes, not \(storage.count) "
          + "elements of \(storage.elementSize)")
    }
    if let memory = unpacked[entry.headerStart] { return .memory(memory, 0..<entry.size) }
    switch try archive.content(entry, budget) {
    case .file(let range): return .file(range)
    case .memory(let memory):
      try budget.take(64)
      unpacked[entry.headerStart] = memory
      return .memory(memory, 0..<entry.size)
    }
  }
}
