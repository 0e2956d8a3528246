import Foundation
import LowRank

/// The size of the file that holds an adapter's weights.
enum AdapterFileSize {
  /// The bytes of the weights of an adapter's folder, or of a file that is an adapter; nil if there are none.
  static func bytes(at url: URL) -> Int? {
    let names = ["", "adapter_model.safetensors", "adapter_model.bin", "adapters.safetensors"]
    for place in names.map({ $0.isEmpty ? url : url.appending(path: $0) }) {
      let file = place.resolvingSymlinksInPath()
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
        !isFolder.boolValue,
        let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
      else { continue }
      return size
    }
    return nil
  }

  /// A size for people, in powers of 1000.
  static func text(_ bytes: Int) -> String {
    switch bytes {
    case ..<1000: "\(bytes) bytes"
    case ..<1_000_000: String(format: "%.1f KB", Double(bytes) / 1e3)
    case ..<1_000_000_000: String(format: "%.2f MB", Double(bytes) / 1e6)
    default: String(format: "%.2f GB", Double(bytes) / 1e9)
    }
  }

  /// A size as flags take it, with one digit after the point, that is not below a number of bytes.
  static func flag(atLeast bytes: Int) -> String {
    for (unit, size) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000)]
    where bytes >= size {
      let tenths = (bytes * 10 + size - 1) / size
      return "\(tenths / 10)" + (tenths.isMultiple(of: 10) ? "" : ".\(tenths % 10)") + unit
    }
    return "\(bytes)B"
  }

  /// How much smaller or larger something became, as `−12.5 %`.
  static func change(from before: Int, to after: Int) -> String {
    let percent = 100 * (Double(after) / Double(max(1, before)) - 1)
    let digits = String(format: "%.1f %%", abs(percent))
    return digits == "0.0 %" ? digits : (percent > 0 ? "+" : "−") + digits
  }
}
