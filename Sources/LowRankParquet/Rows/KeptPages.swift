/// The values of pages that were read last, as many as fit a number of bytes.
struct KeptPages {
  /// A page of one of several files.
  struct Key: Hashable {
    let part: Int
    let page: Int
  }

  private struct Page {
    let values: [ParquetValue]
    let size: Int
    var use: Int
  }

  private let most: Int
  private var pages: [Key: Page] = [:]
  private var size = 0
  private var uses = 0

  /// Room for so many bytes.
  init(most: Int) { self.most = most }

  /// The values of a page that is kept; nil for others.
  subscript(key: Key) -> [ParquetValue]? {
    mutating get {
      uses += 1
      pages[key]?.use = uses
      return pages[key]?.values
    }
  }

  /// Keeps a page in the place of those whose last use is the longest ago; one that is larger than all the room is not kept.
  mutating func keep(_ values: [ParquetValue], as key: Key) {
    let own = values.reduce(0) { sum, value in
      if case .bytes(let bytes) = value { sum + bytes.count + 64 } else { sum + 64 }
    }
    guard own <= most, pages[key] == nil else { return }
    while size + own > most, let oldest = pages.min(by: { $0.value.use < $1.value.use }) {
      size -= oldest.value.size
      pages[oldest.key] = nil
    }
    uses += 1
    pages[key] = Page(values: values, size: own, use: uses)
    size += own
  }
}
