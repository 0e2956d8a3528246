import LowRank
import Synchronization

/// Warnings about characters that a tokenizer leaves out; one for each command.
enum LostText {
  private static let isSaid = Mutex(false)

  /// Warns once if characters are lost.
  ///
  /// - Parameter place: where the texts are, for the message.
  static func warn(_ lost: LostCharacters, in place: String) {
    guard let sentence = lost.sentence else { return }
    let isFirst = isSaid.withLock { isSaid in
      defer { isSaid = true }
      return !isSaid
    }
    if isFirst { Console.write("warning: \(place): \(sentence)".printable) }
  }

  /// Warns once if characters of a text are lost.
  static func warn(_ encoding: Encoding, of text: String, in place: String) {
    var lost = LostCharacters()
    lost.add(encoding.lost, of: text)
    warn(lost, in: place)
  }
}
