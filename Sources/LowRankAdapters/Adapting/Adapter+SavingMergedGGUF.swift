import Foundation
import LowRankCheckpoints
import LowRankKeys
import LowRankProgress
import LowRankTransformers

extension Adapter {
  /// Writes the base with the adapter merged into its weights as a GGUF file, and proves it.
  ///
  /// The metadata are those of a GGUF file of the model: the base, or the file that is given. Sums are worked out in f32,
  /// one tensor at a time. What was written is opened again, compared tensor by tensor, and its logits are compared, in
  /// f32, with those of base and adapter. Nothing is left where they differ too much.
  ///
  /// - Parameters:
  ///   - overwrite: whether to replace a file that is there; those of the base never are.
  ///   - source: a GGUF file of the base's model, whose metadata, names and order are kept; nil for a base that is one.
  ///   - samples: the tokens of the texts that are compared.
  ///   - end: the token that ends turns, if generation does not stop there anyway.
  /// - Throws: `AdapterError` where a token has no place in the vocabulary, a weight is not finite or the limits are
  ///   exceeded; `GGUFError`, `ModelError`, `PublishingError`, `FileError`.
  public func saveMerged(
    toGGUF url: URL, overwrite: Bool = false, as encoding: GGUFEncoding,
    metadataOf source: URL? = nil, provenOn samples: [[Int32]],
    limits: MergeLimits = MergeLimits(), stoppingAt end: Int32? = nil
  ) throws -> MergeProof {
    guard base.architecture is CausalModel else {
      throw AdapterError.cannotExpress(
        form: "a GGUF file", what: "a classifier; leave out \(setting: "gguf") to write a folder")
    }
    let merged = try MergedGGUF(self, of: source, as: encoding)
    try merged.checkTokens(of: base)
    for file in merged.files where replaces(file, publishingAt: url) {
      throw GGUFError(
        url.relativePath, "the file is a part of what is read; choose another place")
    }
    try base.checkApart(from: url)
    let fingerprint = try base.folder?.fingerprint()
    let entries = merged.entries(base: fingerprint, template: chatTemplate, end: end)
    let tensors = try merged.tensors()
    return try publishFile(at: url, overwrite: overwrite) { file in
      try checkSpace(for: tensors, at: url)
      try merged.write(tensors, entries, to: file)
      let written = try Model(
        from: file, precision: .float32, engine: base.engine, keepsStored: true)
      let check = MergeCheck(written, self, on: samples)
      let types = Set(tensors.map(\.type))
      let limits = limits.resolved(for: check, writtenAs: types)
      try limits.test(check)
      return MergeProof(
        check: check, limits: limits, types: types.sorted { $0.rawValue < $1.rawValue },
        notes: merged.notes(on: tensors), base: fingerprint)
    }
  }

  /// Refuses a disk without room for the file.
  private func checkSpace(for tensors: [TensorSource], at url: URL) throws(FileError) {
    let needed = tensors.reduce(0) { $0 + $1.byteCount }
    guard let free = freeBytes(at: url), free < needed else { return }
    func text(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
    throw FileError(
      "write", url.relativePath,
      reason:
        "it takes \(text(needed)), and its disk has \(text(free)) left: make room, or choose another place"
    )
  }
}

extension MergedGGUF {
  /// Writes the file, reads it back and compares.
  fileprivate func write(
    _ tensors: [TensorSource], _ entries: [GGUFEntry], to file: URL
  ) throws {
    let work = Work("merging", of: 2 * tensors.count, .tensors)
    defer { work.end() }
    try GGUFFile.write(
      tensors.map { tensor in
        TensorSource(tensor.name, tensor.type, tensor.shape) { sink in
          try tensor.produce(sink)
          work.advance()
        }
      }, entries: entries, alignment: model.parts[0].alignment, to: file)
    let written = try GGUFFile(at: file, keepsVocabulary: false)
    for (tensor, stored) in zip(tensors, written.tensors) {
      guard stored.name == tensor.name, try tensor.isStored(as: stored) else {
        throw AdapterError.savedOtherwise(file: file.relativePath, name: tensor.name.text)
      }
      work.advance()
    }
    guard written.entries == entries, written.tensors.count == tensors.count else {
      throw AdapterError.savedOtherwise(file: file.relativePath, name: "metadata")
    }
  }

  /// What people should know of the file beside its numbers.
  fileprivate func notes(on tensors: [TensorSource]) -> [String] {
    let others = fallbacks(in: tensors)
    let names = others.prefix(3).map(\.text).joined(separator: ", ")
    return weights.base.notes.filter { note in !weights.ownNotes.contains(note) }
      + (others.isEmpty
        ? []
        : [
          "\(others.count) matrices have rows that are no multiple of 32 and are stored as F16: \(names)"
            + (others.count > 3 ? ", …" : "")
        ])
  }
}
