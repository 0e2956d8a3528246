import Foundation
import LowRank
import Testing

@Suite struct `DeiT with its teacher's head, on the command line` {
  private static let className = "DeiTForImageClassificationWithTeacher"
  private static let heads = ["cls_classifier", "distillation_classifier"]

  @Test func `is trained for new classes with both heads, and merged`() throws {
    let workshop = try ImageWorkshop(model: "deit", as: Self.className)
    #expect(try ModelFolder(at: workshop.model)["cls_classifier.weight"]?.shape == [2, 16])
    let data = ["--data", workshop.place("new").path]
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "40", "--eval-every", "20"))
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try answer.json()["valid_accuracy"]?.double ?? 0 > 0.9)
    let folder = try AdapterFolder(at: workshop.place("a"))
    #expect(folder.config["modules_to_save"] == .array(Self.heads.map { .string($0) }))
    #expect(
      folder.config["auto_mapping"]?.object?["base_model_class"]?.string == Self.className)

    let merged = try workshop.ask(
      "merge", "--adapter", workshop.place("a").path, "--output", workshop.place("merged").path)
    #expect(merged.status == 0, "\(merged.errors)")
    let whole = try ModelFolder(at: workshop.place("merged"))
    #expect(Self.heads.allSatisfy { whole[TensorName($0 + ".weight")]?.shape == [2, 16] })
    #expect(whole.config["architectures"] == [.string(Self.className)])
    let with = try workshop.ask("evaluate", "--adapter", workshop.place("a").path, data[0], data[1])
    let without = try Lowrank(
      ["evaluate", "--model", whole.url.path, "--precision", "f32", "--json"] + data)
    #expect(without.status == 0, "\(without.errors)")
    let losses = try [with, without].map { try #require($0.json()["loss"]?.double) }
    #expect(abs(losses[0] - losses[1]) < 1e-5)

    // A head for the same classes is trained further.
    var flags = workshop.training(
      into: "b", "--iters", "2", "--init-adapter", workshop.place("a").path)
    // The adapter has a rank.
    let rank = try #require(flags.firstIndex(of: "--rank"))
    flags.removeSubrange(rank...rank + 1)
    let further = try Lowrank(flags)
    #expect(further.status == 0, "\(further.errors)")
    #expect(further.errors.contains("is trained further, like its factors"), "\(further.errors)")
  }
}
