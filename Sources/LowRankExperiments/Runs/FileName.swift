/// Names of runs and variants as names of files.
enum FileName {
  /// Letters, digits, dots and equals signs of a name, with dashes for all else.
  static func slug(_ name: String) -> String {
    let words = name.split {
      !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "="))
    }
    return words.joined(separator: "-")
  }
}
