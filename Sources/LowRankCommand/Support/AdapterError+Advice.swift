import LowRank

extension AdapterError {
  /// The command line that helps after the error; nil where its sentence says enough.
  var commandLine: String? {
    switch self {
    case .needsConversion(let file):
      "lowrank convert \(file) --to peft --model MODEL --alpha ALPHA --output DIR"
    case .notPEFT(let path): "lowrank convert \(path) --to peft --output DIR"
    default: nil
    }
  }
}
