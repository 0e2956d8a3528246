import LowRankCheckpoints
import LowRankTransformers

extension CheckpointFile {
  /// The same tensors, those of modules that transformers has renamed under the names of today.
  var withCurrentNames: CheckpointFile {
    let renamed = tensors.map { tensor -> StoredTensor in
      guard let bare = tensor.name.droppingPrefix(AdapterFolder.prefix),
        let name = FormerNames.current(of: bare.text)
      else { return tensor }
      return tensor.renamed(TensorName(AdapterFolder.prefix + name))
    }
    return zip(tensors, renamed).allSatisfy { $0.name == $1.name }
      ? self : CheckpointFile(url, format, renamed, metadata: metadata)
  }
}
