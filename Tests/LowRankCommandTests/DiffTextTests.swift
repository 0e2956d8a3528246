import Foundation
import LowRank
import Testing

@Suite struct `The text of a comparison` {
  @Test func `counts modules in words, and has the sign of a number`() throws {
    let workshop = try Workshop()
    let training = workshop.training(
      into: "a", "--iters", "4", "--target", "v_proj", "--layers", "0")
    #expect(try Lowrank(training).status == 0)
    let (a, negative) = (workshop.place("a").path, workshop.place("negative").path)
    let made = try Lowrank("combine", a + "=-1", "--output", negative)
    #expect(made.status == 0, "\(made.errors)")
    let same = try Lowrank("diff", a, a).output
    #expect(same == "equal: both hold the same update of 1 module\n")
    let opposite = try Lowrank("diff", a, negative).output
    #expect(opposite.contains("cosine −1.0000"), "\(opposite)")
    let converted = try Lowrank(
      "convert", a, "--to", "mlx", "--output", workshop.place("m").path)
    #expect(converted.output.contains(": 1 module from peft to mlx, exactly"))
  }

  @Test func `shows magnitudes that differ beside updates that do`() throws {
    let workshop = try Workshop()
    for (name, seed) in [("a", "1"), ("b", "2")] {
      let flags = workshop.training(
        into: name, "--iters", "4", "--target", "v_proj", "--layers", "0", "--dora", "--seed", seed)
      #expect(try Lowrank(flags).status == 0)
    }
    let answer = try Lowrank("diff", workshop.place("a").path, workshop.place("b").path)
    #expect(
      answer.output.contains(/‖BA‖ .*distance [0-9.e+-]+ +cosine [−0-9.]+ +‖m − m'‖ [0-9.e+-]+\n/))
    let last = try #require(answer.output.split(separator: "\n").last)
    #expect(last.hasPrefix("different: ‖BA − BA'‖ = "), "\(last)")
    #expect(
      last.hasSuffix("of the larger ‖BA‖; DoRA's magnitudes of 1 module differ too"), "\(last)")
  }
}
