/// The whole number that a text spells as JSON does, without a plus sign or zeros before it.
func wholeNumber(_ text: String) -> Int? {
  guard let number = Int(text), text.utf8.elementsEqual(String(number).utf8) else { return nil }
  return number
}
