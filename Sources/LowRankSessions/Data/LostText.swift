import LowRank

/// Warnings about characters that a tokenizer leaves out; one for each run or command.
package enum LostText {
  /// Warns once if characters are lost.
  ///
  /// - Parameter place: where the texts are, for the message.
  package static func warn(_ lost: LostCharacters, in place: String) {
    guard let sentence = lost.sentence else { return }
    if Surroundings.current.once.isFirst("lost characters") {
      Remarks.warn("\(place): \(sentence)")
    }
  }

  /// Warns once if characters of a text are lost.
  package static func warn(_ encoding: Encoding, of text: String, in place: String) {
    var lost = LostCharacters()
    lost.add(encoding.lost, of: text)
    warn(lost, in: place)
  }
}
