import Foundation
import LowRank
import Testing

/// Copies of base weights, as PEFT saves them beside the factors of embeddings and heads.
@Suite struct `A copy of a base weight beside factors` {
  private static let path = "model.layers.0.self_attn.q_proj"
  private static let name = "base_model.model.\(path).base_layer.weight"

  /// An adapter, and others with the base's weight beside it: as it is, and with another number.
  private func adapters() throws -> (AdapterWorkshop, [String]) {
    let workshop = try AdapterWorkshop()
    let weight = try ModelFolder(at: workshop.model).tensor(TensorName(Self.path + ".weight"))
    let values = try weight.floats()
    var places = [workshop.workshop.place("plain")]
    try FileManager.default.copyItem(at: workshop.adapter, to: places[0])
    for (index, first) in [values[0], values[0] + 1].enumerated() {
      let place = workshop.workshop.place("copy-\(index)")
      try FileManager.default.copyItem(at: places[0], to: place)
      let file = place.appending(path: "adapter_model.safetensors")
      let old = try SafetensorsFile(at: file)
      let sources = try old.tensors.map {
        TensorSource($0.name, $0.shape, floats: try $0.floats())
      }
      let copy = TensorSource(
        TensorName(Self.name), weight.shape, floats: [first] + values.dropFirst())
      let other = workshop.workshop.place("other")
      try SafetensorsFile.write(sources + [copy], metadata: old.metadata, to: other)
      try FileManager.default.removeItem(at: file)
      try FileManager.default.moveItem(at: other, to: file)
      places.append(place)
    }
    return (workshop, places.map(\.path))
  }

  @Test func `is no difference between updates, unless both have one`() throws {
    let (workshop, places) = try adapters()
    defer { withExtendedLifetime(workshop) {} }
    for pair in [[places[0], places[1]], [places[1], places[0]]] {
      let same = try Lowrank(["diff"] + pair)
      #expect(same.output == "equal: both hold the same update of 4 modules\n", "\(same.output)")
    }
    let other = try Lowrank("diff", places[1], places[2]).output
    #expect(
      other.contains(
        "\(Self.name)  differs: it is a copy of the base's weight, so the adapters have different bases"
      ), "\(other)")
  }

  @Test func `is kept once where adapters are added`() throws {
    let (workshop, places) = try adapters()
    for (index, pair) in [[places[0], places[1]], [places[1], places[0]]].enumerated() {
      let sum = workshop.workshop.place("sum-\(index)")
      let answer = try Lowrank(["combine"] + pair + ["--output", sum.path])
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(answer.errors.contains("note: 1 copy of a weight of the base, which PEFT saved"))
      #expect(!answer.errors.contains("trained whole"), "\(answer.errors)")
      let file = try SafetensorsFile(at: sum.appending(path: "adapter_model.safetensors"))
      #expect(file.tensors.count { $0.name == TensorName(Self.name) } == 1)
    }
    let mixed = try Lowrank(
      "combine", places[1], places[2], "--output", workshop.workshop.place("x").path)
    #expect(mixed.status == 1)
    #expect(mixed.errors.contains("hold different copies of a weight of their base, \(Self.name)"))
  }

  @Test func `is not called trained where a format has no place for it`() throws {
    let (workshop, places) = try adapters()
    let flags = ["--to", "mlx", "--output", workshop.workshop.place("mlx").path]
    let answer = try Lowrank(["convert", places[1]] + flags)
    #expect(
      answer.errors.contains("mlx-lm cannot hold a copy of the base's weight, \(Self.name)"),
      "\(answer.errors)")
    #expect(answer.errors.contains("with --model DIR, one that equals the model's is left out"))
    let known = try Lowrank(["convert", places[1], "--model", workshop.model.path] + flags)
    #expect(known.status == 0, "\(known.errors)")
  }
}
