import Foundation
import LowRank
import Testing

/// Everything that is saved from a base remembers which one it was.
@Suite struct `The fingerprint of the base` {
  /// What is saved, and the flags that make it of an adapter that knows no base.
  static let verbs: [(name: String, flags: [String])] = [
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
    (
      "pruning",
      ["compress", "ADAPTER", "--model", "MODEL", "--verify", "--data", "DATA", "--output"]
    ),
    ("converting", ["convert", "ADAPTER", "--model", "MODEL", "--to", "mlx", "--output"]),
    ("extracting", ["extract", "--base", "MODEL", "--tuned", "TUNED", "--output"]),
    (
      "mitigating", ["analyze", "ADAPTER", "--model", "MODEL", "--mitigate", "0.5", "--output"]
    ),
    ("combining", ["combine", "ADAPTER.gguf", "--model", "MODEL", "--output"]),
  ]

  @Test(arguments: 0..<verbs.count)
  func `is in what is saved`(_ index: Int) throws {
    let (name, flags) = Self.verbs[index]
    let workshop = try AdapterWorkshop()
    try workshop.forgetBase()
    let place = workshop.workshop.place
    if name == "extracting" {
      let merged = try Lowrank(
        "merge", "--model", workshop.model.path, "--adapter", workshop.adapter.path, "--output",
        place("tuned").path)
      #expect(merged.status == 0, "\(merged.errors)")
    }
    if name == "combining" {
      let made = try Lowrank(
        "convert", workshop.adapter.path, "--to", "gguf", "--model", workshop.model.path,
        "--output", place("adapter.gguf").path)
      #expect(made.status == 0, "\(made.errors)")
    }
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
    #expect(
      try StoredAdapter(at: place("out")).baseFingerprint
        == ModelFolder(at: workshop.model).fingerprint().description)
  }
}
