import Foundation

/// What a verb writes into its folder, by the names of the files.
///
/// When the folder is written again, these are replaced, and every other file in it stays.
public struct OutputKind: Hashable, Sendable {
  /// The paths in the folder, as patterns of `fnmatch`.
  private let patterns: [String]

  package init(_ patterns: [String]) { self.patterns = patterns }

  /// An adapter, with the states of its run.
  public static let adapter = OutputKind([
    "adapter_config.json", "adapter_model.safetensors", "native.safetensors",
    "adapters.safetensors", "lowrank.json",
    "certificate.json", "combination.json", "chat_template.jinja", "state/step-*",
    "state/metrics.jsonl", "compressed/*",
  ])

  /// A model, with its tokenizer and the states of a run that trains it.
  public static let model = OutputKind(
    [
      "config.json", "lowrank.json", "model.safetensors", "model.safetensors.index.json",
      "model-*-of-*.safetensors", "state/step-*", "state/metrics.jsonl",
    ] + ModelFolder.companionNames)

  /// Whether a file or folder is one of these.
  func includes(_ path: String) -> Bool {
    patterns.contains { fnmatch($0, path, FNM_PATHNAME) == 0 }
  }

  /// Whether a folder may hold some of these.
  func reaches(into folder: String) -> Bool { patterns.contains { $0.hasPrefix(folder + "/") } }

  /// The content of a folder that is not of this kind, as paths in it: files, and folders that hold nothing of it.
  ///
  /// What the manifest of an earlier save lists is of the kind too.
  package func others(in folder: URL) -> [String] {
    OldContent(of: folder.path, kind: self, besides: nil).kept
  }

  /// Whether a folder holds anything of this kind.
  package func isPresent(in folder: URL) -> Bool {
    let others = Set(others(in: folder))
    return folderContent(folder.path).contains { !others.contains($0) }
  }
}
