import Foundation
import LowRank
import Yams

/// What the card of a data set, `README.md`, declares in its YAML head.
package enum DatasetCard {
  /// The configurations under `configs`; empty if there is no card, or if it declares none.
  ///
  /// A head that is no YAML is reported in a note and declares nothing.
  package static func configs(at url: URL) -> [DatasetConfig] {
    guard let text = try? String(contentsOf: url, encoding: .utf8), let head = head(of: text)
    else { return [] }
    do {
      let list = try Yams.compose(yaml: head)?["configs"]?.sequence.map { Array($0) } ?? []
      return list.compactMap(config)
    } catch {
      Remarks.note(
        "the head of \(url.lastPathComponent) is no YAML, so no configurations are read from it"
      )
      return []
    }
  }

  /// The lines between the first two lines of three dashes.
  private static func head(of text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      return nil
    }
    return lines[1..<end].joined(separator: "\n")
  }

  private static func config(_ node: Node) -> DatasetConfig? {
    guard let mapping = node.mapping else { return nil }
    return DatasetConfig(
      mapping["config_name"]?.scalar?.string ?? "default",
      isDefault: mapping["default"]?.bool ?? false,
      folder: folder(mapping["data_dir"]?.scalar?.string ?? ""),
      splits: mapping["data_files"].map(splits) ?? [])
  }

  /// `data_files`: patterns for `train`, a list of splits with their patterns, or a mapping of them.
  private static func splits(_ node: Node) -> [DatasetConfig.Split] {
    if let mapping = node.mapping {
      return mapping.compactMap { name, value in
        name.scalar.map { DatasetConfig.Split($0.string, patterns: patterns(value)) }
      }
    }
    let named = (node.sequence.map { Array($0) } ?? []).compactMap { entry in
      entry.mapping.map { mapping in
        DatasetConfig.Split(
          mapping["split"]?.scalar?.string ?? "train",
          patterns: mapping["path"].map(patterns) ?? [])
      }
    }
    guard named.isEmpty else { return named }
    let plain = patterns(node)
    return plain.isEmpty ? [] : [DatasetConfig.Split("train", patterns: plain)]
  }

  private static func patterns(_ node: Node) -> [String] {
    if let text = node.scalar?.string { return [text] }
    return node.sequence?.compactMap { $0.scalar?.string } ?? []
  }

  /// A folder without `./` before it and slashes behind it.
  private static func folder(_ text: String) -> String {
    let path = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
    return path == "." ? "" : path.split(separator: "/").joined(separator: "/")
  }
}
