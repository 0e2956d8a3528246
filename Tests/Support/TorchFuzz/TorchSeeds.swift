import Foundation

/// The files that are mutated: those of torch, the attacks, and larger ones made of both kinds.
struct TorchSeeds {
  let files: [[UInt8]]

  init(in folder: URL) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let whole = try names.filter { $0.hasSuffix(".pt") }.map {
      [UInt8](try Data(contentsOf: folder.appending(path: $0)))
    }
    let attacks = try TorchAttack.all(in: folder).map(\.file)
    // Files of torch are the most fruitful, so they are there as often as all attacks.
    let repeats = max(1, attacks.count / max(1, whole.count))
    files = attacks + (0..<repeats).flatMap { _ in whole }
  }
}
