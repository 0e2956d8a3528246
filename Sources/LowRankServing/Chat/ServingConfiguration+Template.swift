import Foundation
import LowRank

extension ServingConfiguration {
  /// Whether there is a chat template: the one that is given, the model's, or that of an adapter.
  ///
  /// - Throws: `FileError` where a template cannot be read.
  public func hasTemplate(of model: Model) throws -> Bool {
    if renderer != nil { return true }
    if let base = model.folder, try TemplateRenderer(inModelFolder: base.url) != nil { return true }
    let found = FolderOfAdapters(url: folder, baseName: name)
    return try (adapters.map(\.place) + found.names.compactMap(found.place)).contains { place in
      try place.pathExtension != "gguf" && TemplateRenderer(inModelFolder: place) != nil
    }
  }
}
