import ArgumentParser
import Foundation
import LowRank

/// What the shell's Tab key completes after a flag.
extension CompletionKind {
  /// A model's folder, or a GGUF file.
  static let model = file(extensions: ["gguf"])
  /// An adapter: a folder, or a file of llama.cpp.
  static let adapter = file(extensions: ["gguf"])
  /// A folder that is written.
  static let folder = directory
  /// A folder of data, or one file of it.
  static let data = file(extensions: [
    "jsonl", "json", "csv", "tsv", "txt", "parquet", "gz", "zst",
  ])
  static let yaml = file(extensions: ["yaml", "yml"])
  static let template = words(NamedTemplate.allCases.map(\.rawValue), orFiles: ["jinja"])
  static let store = file(extensions: ["sqlite"])

  static let precision = list(["auto", "bf16", "f32"])
  static let storedType = list(["f32", "bf16", "f16"])
  static let ggufType = list(GGUFEncoding.allCases.map(\.rawValue))
  static let format = list(["peft", "mlx", "gguf"])
  static let adapterFormat = list(["peft", "mlx", "gguf", "loralib"])
  static let task = list(TrainingTask.allCases.map(\.rawValue))
  static let pretrainTask = list([TrainingTask.causal, .imageClassification].map(\.rawValue))
  static let objective = list(PreferenceObjective.Method.allCases.map(\.rawValue))
  static let lossType = list(PreferenceObjective.LossType.allCases.map(\.rawValue))
  static let metric = list(Metric.allCases.map(\.rawValue) + ["last"])
  static let target = list(["qv", "all-linear"])
  static let schedule = list(Schedule.all.map(\.name))
  static let checks = list(LoadCheck.allCases.map(\.rawValue))
  static func methods(_ axis: MethodAxis) -> CompletionKind {
    list(MethodCatalogue.cards(of: axis).map(\.name))
  }
  static let mode = list(["sum", "cat", "svd"] + PEFTMode.allCases.map(\.rawValue))

  /// A word, a folder, or a file of some extensions; the shells' own lists have either words or files.
  static func words(_ words: [String], orFiles extensions: [String]) -> CompletionKind {
    custom { _, _, prefix in
      words.filter { $0.hasPrefix(prefix) } + paths(from: prefix, with: extensions)
    }
  }

  private static func paths(from prefix: String, with extensions: [String]) -> [String] {
    let folder = prefix.range(of: "/", options: .backwards).map { String(prefix[..<$0.upperBound]) }
    let place = folder ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.isEmpty ? "." : place))
    return (names ?? []).sorted().compactMap { name in
      guard (place + name).hasPrefix(prefix), !name.hasPrefix(".") else { return nil }
      let url = URL(filePath: place + name)
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      return isFolder.boolValue
        ? place + name + "/" : extensions.contains(url.pathExtension) ? place + name : nil
    }
  }
}
