import Testing

@Suite struct `A dry run` {
  @Test func `says once how many parameters are trained`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a", "--iters", "2").filter { $0 != "--json" }
    let dry = try Lowrank(flags + ["--dry-run"])
    #expect(dry.status == 0)
    #expect((dry.output + dry.errors).matches(of: /parameters trained/).count == 1, "\(dry.errors)")
    // A limit has a margin, which the peak lacks.
    #expect(
      dry.output.contains(
        /\n--memory-limit \d+MB or more keeps all rows at once; a limit leaves a margin of 2 % and 4 MB/
      ), "\(dry.output)")
    #expect(
      try !Lowrank(flags + ["--dry-run", "--memory-limit", "2GB"]).output.contains("memory-limit"))
    let run = try Lowrank(flags)
    #expect(run.errors.contains(" modules adapted, 224 parameters trained of "), "\(run.errors)")
  }
}
