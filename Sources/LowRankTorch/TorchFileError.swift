/// Why a file of torch cannot be read.
public struct TorchFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What was found.
  public let problem: String
  /// Whether Python may be able to convert the file.
  public let isConvertible: Bool

  init(_ path: String, _ fault: TorchFault) {
    self.path = path
    switch fault {
    case .damaged(let problem): (self.problem, isConvertible) = (problem, false)
    case .refused(let problem): (self.problem, isConvertible) = (problem, true)
    }
  }

  /// One sentence with the file and the problem, and two lines of Python where they may help.
  public var description: String {
    guard isConvertible else { return "\(path) \(problem)" }
    return """
      \(path) \(problem)
      If you trust the file, convert it in Python:
      \(Self.conversion(of: path))
      """
  }

  /// Two lines of Python that turn a file of torch into safetensors beside it, running whatever the file holds.
  ///
  /// - Parameter stem: the name of the new file without its ending; by default that of the old one, or `model`.
  package static func conversion(of path: String, to stem: String? = nil) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = parts.last.map(String.init) ?? path
    let own = name.split(separator: ".").dropLast().joined(separator: ".")
    let target = stem ?? (own.isEmpty || own == "pytorch_model" ? "model" : own)
    return """
        import torch, safetensors.torch
        safetensors.torch.save_file({k: v.clone().contiguous() for k, v in torch.load("\(path)", "cpu", \
      weights_only=False).items()}, "\(path.dropLast(name.count))\(target).safetensors", {"format": "pt"})
      """
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes as text that is safe to print: whatever is no printable ASCII stands as `?`.
  func printable(_ range: Range<Int>) -> String {
    let limit = 120
    let text = String(
      decoding: self[range].prefix(limit).map { (0x20..<0x7f).contains($0) ? $0 : 0x3f },
      as: UTF8.self)
    return range.count > limit ? text + "…" : text
  }
}
