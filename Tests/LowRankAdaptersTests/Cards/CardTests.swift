import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `The card of every method` {
  @Test(arguments: MethodRegistries.architectures.cards.map(\.name))
  func `tells the parameters that an architecture trains`(name: String) throws {
    let entry = try #require(
      MethodRegistries.architectures.entries.first { $0.card.name == name })
    let size = try #require(entry.card.parameters, "\(name)")
    let method = MethodRegistries.architectures.make(
      try MethodRegistries.architectures.choice(name))
    let adapter = try Adapter(
      on: TinyModels.llama(on: ReferenceEngine()), targets: .named("up_proj"),
      update: AdapterUpdate(method, PatternRanks(rank: 2)))
    #expect(adapter.parameterCount == size.count(12, 8, 2, adapter.sites.count), "\(name)")
  }

  @Test(arguments: MethodRegistries.architectures.cards.map(\.name))
  func `names the laws that an architecture keeps`(name: String) throws {
    let method = MethodRegistries.architectures.make(
      try MethodRegistries.architectures.choice(name))
    let report = try checkLaws(of: method)
    #expect(report.violations.isEmpty, "\(report)")
    #expect(report.checked == MethodRegistries.architectures.card(named: name)?.laws)
  }

  @Test(
    arguments: MethodRegistries.initializations.cards.map(\.name),
    MethodRegistries.architectures.cards.map(\.name))
  func `names the laws that an initialization keeps under every architecture`(
    name: String, architecture: String
  ) throws {
    let (starts, methods) = (MethodRegistries.initializations, MethodRegistries.architectures)
    let method = methods.make(try methods.choice(architecture))
    let start: any Initialization =
      name == "loftq" ? PlantedStart.loftQ : starts.make(try starts.choice(name))
    let told: any Initialization = start.needs.areOfData ? PlantedStart(start) : start
    guard let started = method.starting(at: told) else { return }
    let report = try checkLaws(of: started)
    let laws = try #require(starts.card(named: name)?.laws)
    #expect(Set(report.violations.map(\.law)) == report.checked.subtracting(laws), "\(report)")
    #expect(report.checked.isSuperset(of: laws))
  }
}

extension MethodRegistry {
  fileprivate func card(named name: String) -> MethodCard? { cards.first { $0.name == name } }
}
