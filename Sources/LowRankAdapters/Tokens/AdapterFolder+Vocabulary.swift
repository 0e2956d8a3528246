import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension AdapterFolder {
  /// The base as the adapter was trained on it: with a row for each added token, and with the tokenizer beside the
  /// adapter.
  ///
  /// The vocabulary grows if the folder holds every row beyond the base's: as rows of `trainable_token_indices`, or in
  /// embeddings and head that are saved whole, as PEFT saves them for a resized base. Any other base is returned as it
  /// is.
  /// - Throws: `JSONError`.
  public func fitting(_ base: Model) throws -> Model {
    guard let causal = base.architecture as? CausalModel else { return base }
    var fitted = base
    if let count = try vocabularySize(on: causal) { fitted = base.extendingVocabulary(to: count) }
    let name = "tokenizer.json"
    if hasTokenizer, base.tokenizerFolder == nil {
      let own = url.appending(path: name)
      let isSame =
        base.folder.map {
          FileManager.default.contentsEqual(
            atPath: own.path, andPath: $0.url.appending(path: name).path)
        } ?? false
      if !isSame { fitted.tokenizerFolder = url }
    }
    return fitted
  }

  /// Whether a tokenizer lies beside the adapter.
  public var hasTokenizer: Bool {
    FileManager.default.fileExists(atPath: url.appending(path: "tokenizer.json").path)
  }

  /// The number of tokens that the adapter needs; nil if the base has them, or if rows beyond the base's are missing.
  private func vocabularySize(on causal: CausalModel) throws -> Int? {
    let rows = causal.vocabularySize
    let trained = try TrainedTokens(config)
    let table = causal.backbone.tokenTable.path
    func tokens(of module: String) -> [Int] {
      switch trained {
      case nil: []
      case .embeddings(let tokens): module == table ? tokens : []
      case .modules(let modules):
        modules.filter { module.hasSuffix($0.name) }.flatMap(\.tokens)
      }
    }
    let modules = [table, causal.head.path]
    let found = modules.map { (whole: wholeRows(of: $0), tokens: Set(tokens(of: $0))) }
    let count = found.map { max($0.whole ?? 0, ($0.tokens.max() ?? -1) + 1) }.max() ?? 0
    guard count > rows, count <= Int(Int32.max) else { return nil }
    func holdsAll(_ place: (whole: Int?, tokens: Set<Int>)) -> Bool {
      if let whole = place.whole { return whole == count }
      return place.tokens.count >= count - rows && (rows..<count).allSatisfy(place.tokens.contains)
    }
    // Under a tied head, the rows of either module are those of both.
    return causal.isHeadTied
      ? found.contains(where: holdsAll) ? count : nil : found.allSatisfy(holdsAll) ? count : nil
  }

  /// The rows of an embedding or head that the file holds whole; nil if it does not.
  private func wholeRows(of module: String) -> Int? {
    [".weight", ".base_layer.weight", TokenPlace.wholeSuffix].lazy
      .compactMap { file[TensorName(Self.prefix + module + $0)]?.shape.extents.first }.first
  }
}
