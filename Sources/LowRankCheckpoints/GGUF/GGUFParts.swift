import Foundation

/// The files of a model that llama.cpp split: `name-00001-of-00003.gguf` and so on.
struct GGUFParts {
  /// The files in order; a model that is not split has one.
  let files: [GGUFFile]

  /// Opens all parts of a model, given any of them.
  ///
  /// - Throws: `FileError`, `GGUFError` if a part is missing or the parts do not agree.
  init(at url: URL) throws {
    let given = try GGUFFile(at: url, keepsVocabulary: false)
    let path = url.relativePath
    guard let declared = given["split.count"] else {
      files = [given]
      return
    }
    guard let count = declared.integer, (1...Self.most).contains(count) else {
      throw GGUFError(path, "\"split.count\" must be a number from 1 to \(Self.most)")
    }
    guard count > 1 else {
      files = [given]
      return
    }
    guard let name = Self.name(of: url, parts: count) else {
      throw GGUFError(
        path,
        "the file is one of \(count) parts, but its name does not end in -0000N-of-\(Self.digits(count)).gguf, so the others cannot be found"
      )
    }
    let urls = (1...count).map { number in
      let file = "\(name)-\(Self.digits(number))-of-\(Self.digits(count)).gguf"
      return url.lastPathComponent == file
        ? url : url.deletingLastPathComponent().appending(path: file)
    }
    let missing = urls.filter { !$0.isFile }.map(\.lastPathComponent)
    guard missing.isEmpty else {
      throw GGUFError(
        path,
        "\(missing.count) of \(count) parts of the model \(missing.count == 1 ? "is" : "are") missing: "
          + missing.prefix(3).joined(separator: ", ") + (missing.count > 3 ? ", …" : ""))
    }
    files = try urls.map {
      $0 == url ? given : try GGUFFile(at: $0, keepsVocabulary: false)
    }
    try check(count)
  }

  /// Checks that each part is in its place and that no tensor is missing or held twice.
  private func check(_ count: Int) throws(GGUFError) {
    var names: Set<TensorName> = []
    for (position, file) in files.enumerated() {
      let path = file.url.relativePath
      guard file["split.count"]?.integer == count, file["split.no"]?.integer == position else {
        throw GGUFError(
          path, "\"split.no\" and \"split.count\" do not say part \(position + 1) of \(count)")
      }
      for tensor in file.tensors where !names.insert(tensor.name).inserted {
        throw GGUFError(path, "the tensor \"\(tensor.name)\" is in two parts of the model")
      }
    }
    guard let total = files[0]["split.tensors.count"]?.integer else { return }
    guard total == names.count else {
      throw GGUFError(
        files[0].url.relativePath,
        "\"split.tensors.count\" is \(total), but the \(count) parts hold \(names.count) tensors")
    }
  }

  private static let most = 9999

  /// What the names of all parts begin with; nil if a file is not named as a part.
  private static func name(of url: URL, parts count: Int) -> String? {
    let name = url.lastPathComponent
    let ending = "-of-\(digits(count)).gguf"
    guard name.hasSuffix(ending) else { return nil }
    let front = name.dropLast(ending.count)
    guard front.count > 6, let number = Int(front.suffix(5)), (1...count).contains(number),
      front.dropLast(5).hasSuffix("-")
    else { return nil }
    return String(front.dropLast(6))
  }

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }
}
