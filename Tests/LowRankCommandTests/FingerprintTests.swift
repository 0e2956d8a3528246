import Foundation
import LowRank
import Testing

/// What is trained on a base remembers which one it was, and what is made of that keeps it.
@Suite struct `The fingerprint of the base` {
  /// What is trained on a base or made of it, and the flags that make it of an adapter that knows no base.
  static let trained: [(name: String, flags: [String])] = [
    (
      "training", ["train", "--model", "MODEL", "--data", "DATA", "--iters", "1", "--adapter-path"]
    ),
    (
      "training on",
      [
        "train", "--model", "MODEL", "--data", "DATA", "--iters", "1", "--init-adapter", "ADAPTER",
        "--adapter-path",
      ]
    ),
    ("extracting", ["extract", "--base", "MODEL", "--tuned", "TUNED", "--output"]),
  ]

  /// What is made of an adapter, with a base that the adapter need not have been trained on.
  static let remade: [(name: String, flags: [String])] = [
    (
      "pruning",
      ["compress", "ADAPTER", "--model", "MODEL", "--verify", "--data", "DATA", "--output"]
    ),
    ("converting", ["convert", "ADAPTER", "--model", "MODEL", "--to", "mlx", "--output"]),
    (
      "mitigating", ["analyze", "ADAPTER", "--model", "MODEL", "--mitigate", "0.5", "--output"]
    ),
    ("combining", ["combine", "ADAPTER.gguf", "--model", "MODEL", "--output"]),
  ]

  @Test(arguments: 0..<trained.count)
  func `is in what is saved`(_ index: Int) throws {
    let (name, flags) = Self.trained[index]
    let workshop = try AdapterWorkshop()
    try workshop.forgetBase()
    if name == "extracting" {
      let merged = try Lowrank(
        "merge", "--model", workshop.model.path, "--adapter", workshop.adapter.path, "--output",
        workshop.workshop.place("tuned").path)
      #expect(merged.status == 0, "\(merged.errors)")
    }
    #expect(
      try made(flags, in: workshop).fingerprint
        == ModelFolder(at: workshop.model).fingerprint().description)
  }

  @Test(arguments: 0..<remade.count, [true, false])
  func `is kept where it is known, and not made up where nothing shows which base it was`(
    _ index: Int, isKnown: Bool
  ) throws {
    let (name, flags) = Self.remade[index]
    let workshop = try AdapterWorkshop()
    let known = try StoredAdapter(at: workshop.adapter).baseFingerprint
    #expect(known != nil)
    if !isKnown { try workshop.forgetBase() }
    if name == "combining" {
      let converted = try Lowrank(
        "convert", workshop.adapter.path, "--to", "gguf", "--model", workshop.model.path,
        "--output", workshop.workshop.place("adapter.gguf").path)
      #expect(converted.status == 0, "\(converted.errors)")
    }
    let (fingerprint, errors) = try made(flags, in: workshop)
    #expect(fingerprint == (isKnown ? known : nil))
    let isSaid =
      errors.contains("records no fingerprint of its base: whether ")
      || errors.contains("without a fingerprint to check that by")
      || errors.contains("which base it was trained on is not recorded")
    #expect(isSaid != isKnown, "\(errors)")
  }

  /// Makes an adapter in the folder `out`; its fingerprint, and what was said.
  private func made(
    _ flags: [String], in workshop: AdapterWorkshop
  ) throws -> (fingerprint: String?, errors: String) {
    let place = workshop.workshop.place
    let answer = try Lowrank(
      flags.map { flag in
        switch flag {
        case "MODEL": workshop.model.path
        case "DATA": workshop.workshop.data.path
        case "TUNED": place("tuned").path
        case "ADAPTER": workshop.adapter.path
        case "ADAPTER.gguf": place("adapter.gguf").path
        default: flag
        }
      } + [place("out").path])
    #expect(answer.status == 0, "\(answer.errors)")
    return (try StoredAdapter(at: place("out")).baseFingerprint, answer.errors)
  }
}
