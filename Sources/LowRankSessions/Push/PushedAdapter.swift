import Foundation
import LowRank
import LowRankHub

/// An adapter that is fit to be given to others, and the files that make it up.
package struct PushedAdapter {
  package let folder: AdapterFolder
  /// The adapted modules, with the ranks and scales of the adapter's own type.
  let modules: [(path: String, rank: Int, scale: Double)]
  /// What whoever pushes may want to know.
  package private(set) var notes: [String] = []

  static let cardName = "README.md"

  /// Whether the adapter brings a tokenizer with it, instead of the base's.
  var hasTokenizer: Bool {
    AdapterFolder.tokenizerNames.prefix(2).allSatisfy { name in
      FileManager.default.fileExists(atPath: folder.url.appending(path: name).path)
    }
  }

  /// Where the base lies on this machine, a folder or a GGUF file; nil if it is not here.
  var baseFolder: URL? {
    guard let path = basePath else { return nil }
    let named = folder.config["revision"]?.string.map { revision in
      (try? HubFile(path)).map { "\($0.repository.id)@\(revision)/\($0.path)" }
        ?? "\(path)@\(revision)"
    }
    let places = [named, path].compactMap { $0 }
    return places.map { Located.known($0) }.first {
      ModelFolder.isModel($0)
    }
  }

  /// Opens the adapter and looks at every number of it.
  ///
  /// - Throws: what opening it throws, `AdapterError.notPEFT`, `AdapterError.notFinite`.
  package init(at url: URL) throws {
    folder = try AdapterFolder(at: url)
    // The hub's readers look for safetensors of PEFT, and warn of pickles.
    guard folder.format == .peft, folder.file.format == .safetensors else {
      throw AdapterError.notPEFT(path: url.relativePath)
    }
    modules = try folder.ranks
    for tensor in folder.file.tensors { _ = try StoredModule.numbers(of: tensor) }
    if base.id == nil, let path = basePath {
      notes.append(
        "adapter_config.json names the base \(path.printable), a folder that others do not have: the card cannot link to "
          + "it; train on a model by its name on the hub for that")
    }
  }

  /// What the configuration says that the base is.
  var basePath: String? {
    folder.config["base_model_name_or_path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }
}
