import LowRankAdapters
import LowRankCheckpoints
import Testing

@Suite struct `A method that is chosen by name` {
  @Test func `has the options that were given, and defaults`() throws {
    let registry = MethodRegistries.initializations
    let choice = try registry.choice("pissa:niter=4")
    #expect(choice.name == "pissa" && choice.options == ["niter": 4])
    #expect(choice.description == "pissa:niter=4")
    #expect(MethodChoice(.object(choice.json)) == choice)
    #expect((registry.make(choice) as? PiSSAStart)?.iterations == 4)
    #expect((registry.make(try registry.choice("pissa")) as? PiSSAStart)?.iterations == 0)
    #expect(try registry.choice(nil) == registry.standard)
    #expect(registry.standard.name == "kaiming")
    let dora = MethodRegistries.architectures
    #expect((dora.make(try dora.choice("dora:dropout=0.25")) as? LoRA)?.hasMagnitude == true)
    #expect((dora.make(try dora.choice("dora:dropout=0.25")) as? LoRA)?.dropout == 0.25)
  }

  @Test(arguments: [
    (
      "pisa",
      "init is \"pisa\", expected kaiming, gaussian, pissa, milora, olora, loftq, nystrom, eva, corda, lora-ga, lora-one, covariance or spline-covariance; did you mean \"pissa\"?"
    ),
    (
      "pissa:nitre=4",
      "init pissa has no option \"nitre\"; its options are niter; did you mean \"niter\"?"
    ),
    (
      "olora:niter=4",
      "init olora has no option \"niter\", which is one of pissa; it has no options"
    ),
    ("pissa:niter", "init pissa: \"niter\" is not of the form option=value"),
    ("pissa:", "init pissa: \"\" is not of the form option=value"),
    ("pissa:niter=x", "init pissa: niter is \"x\", expected a whole number from 0 to 64"),
    ("pissa:niter=65", "init pissa: niter is \"65\", expected a whole number from 0 to 64"),
    ("pissa:niter=1,niter=2", "init pissa: niter is given twice"),
  ])
  func `is refused in a sentence`(text: String, sentence: String) {
    #expect {
      try MethodRegistries.initializations.choice(text)
    } throws: {
      "\($0)" == sentence
    }
  }

  @Test func `has one at most of two options that contradict each other`() throws {
    let registry = MethodRegistries.architectures
    #expect {
      try registry.choice("randlora:very_sparse=true,sparse=true")
    } throws: {
      "\($0)" == "method randlora: very_sparse contradicts sparse; give one of them"
    }
    let choice = try registry.choice("randlora:sparse=false,very_sparse=true")
    #expect((registry.make(choice) as? RandLoRA)?.filling == .verySparse)
  }
}
