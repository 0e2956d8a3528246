import Foundation
import LowRank
import Testing

/// Runs whose numbers stop being finite.
@Suite struct `A run that diverges` {
  /// A model whose last norm is scaled: its logits are too, and their gradients.
  private func scale(_ workshop: Workshop, by factor: Float) throws {
    let folder = try ModelFolder(at: workshop.model)
    let sources = try folder.tensors.map { tensor in
      let numbers = try tensor.floats()
      let isScaled = tensor.name.text == "model.norm.weight"
      return TensorSource(
        tensor.name, tensor.shape, floats: isScaled ? numbers.map { $0 * factor } : numbers)
    }
    let other = workshop.place("other.safetensors")
    try SafetensorsFile.write(sources, to: other)
    let file = workshop.model.appending(path: "model.safetensors")
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(at: other, to: file)
  }

  @Test func `names the last good state, from which a lower rate goes on`() throws {
    let workshop = try Workshop()
    // The rate grows until the values do not fit into single precision.
    let flags = [
      "--iters", "60", "--learning-rate", "1e37", "--warmup", "50", "--lr-schedule", "constant",
    ]
    let plain = try Lowrank(workshop.training(into: "plain") + flags)
    #expect(plain.status == 1, "\(plain.errors)")
    let stopped = try #require(
      plain.errors.firstMatch(of: /error: step (\d+): the (?:loss|gradient)[^\n]* is not finite/))
    let step = try #require(Int(stopped.1))
    #expect(step > 1)
    #expect(
      plain.errors.contains(
        "the state after step \(step - 1) is kept; --resume would only repeat step \(step). There is no earlier state: begin again with a lower --learning-rate than 1e+37; --save-every keeps states on the way"
      ), "\(plain.errors)")
    #expect(!plain.errors.contains("continue with --resume"))
    guard step > 2 else { return }
    let saved = try Lowrank(workshop.training(into: "a") + flags + ["--save-every", "1"])
    let good = try #require(
      saved.errors.firstMatch(
        of:
          /The last good state is that of step (\d+): train it further with --init-adapter (\S+), another/
      ), "\(saved.errors)")
    #expect(Int(good.1) == step - 2)
    let further = try Lowrank(
      workshop.training(into: "b", "--iters", "3", "--init-adapter", String(good.2))
        .filter { !["--rank", "2"].contains($0) })
    #expect(further.status == 0, "\(further.errors)")
  }

  @Test func `stops at an evaluation that is not finite`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(
        into: "a", "--iters", "20", "--learning-rate", "1e37", "--lr-schedule", "constant",
        "--eval-every", "1"))
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains("error: step 1: the validation loss is not finite"),
      "\(answer.errors)")
    #expect(answer.errors.contains("--resume would only repeat this evaluation. "))
    let again = try Lowrank(
      workshop.training(
        into: "a", "--iters", "20", "--learning-rate", "1e37", "--lr-schedule", "constant",
        "--eval-every", "1", "--resume"))
    #expect(again.errors.contains("error: step 1: the validation loss is not finite"))
  }

  @Test func `at its first step is the fault of the base`() throws {
    let workshop = try Workshop()
    try scale(workshop, by: 3e38)
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "3"))
    #expect(answer.status == 1)
    #expect(answer.errors.contains("error: step 1: the loss is not finite"), "\(answer.errors)")
    #expect(
      answer.errors.contains(
        "; nothing is trained yet, so the base gives this by itself: look for"),
      "\(answer.errors)")
    #expect(!answer.errors.contains("--resume") && !answer.errors.contains("learning rate"))
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }
}
