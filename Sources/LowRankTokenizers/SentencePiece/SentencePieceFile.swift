import Foundation
import SwiftProtobuf

/// A SentencePiece model file that holds a unigram model.
struct SentencePieceFile {
  let file: String
  let pieces: [SentencePiecePiece]
  let unknownID: Int
  private let characterMap: Data

  init(_ url: URL) throws(TokenizerError) {
    file = url.relativePath
    let data = try TokenizerFile.data(url)
    let model: SentencePieceModel
    do {
      model = try SentencePieceModel(serializedBytes: data)
    } catch {
      throw .malformed(file: file, problem: "as a protocol buffer, \(error)")
    }
    guard !model.pieces.isEmpty else {
      throw .malformed(file: file, problem: "pieces must not be empty")
    }
    guard model.training.algorithm == .unigram else {
      let name = "\(model.training.algorithm)".uppercased()
      throw .unsupported(file: file, feature: "SentencePiece's model type \(name)")
    }
    pieces = model.pieces
    unknownID = Int(model.training.unknownID)
    characterMap = model.normalization.characterMap
  }

  /// The tokens that the file marks: those that stand for no text, and those put in by hand.
  var markedTokens: [TokenDescription] {
    pieces.filter { $0.kind == .control || $0.kind == .userDefined }.map {
      var token = TokenDescription(Array($0.text.utf8), isSpecial: $0.kind == .control)
      token.isNormalized = false
      return token
    }
  }

  /// The file's own normalization, where it has any.
  func normalizer() throws(TokenizerError) -> PrecompiledNormalizer? {
    guard !characterMap.isEmpty else { return nil }
    do throws(CharacterMap.Malformed) {
      return PrecompiledNormalizer(map: try CharacterMap(Array(characterMap)))
    } catch {
      throw .malformed(
        file: file,
        problem: "normalizer_spec.precompiled_charsmap must be a character map, found "
          + error.problem)
    }
  }
}
