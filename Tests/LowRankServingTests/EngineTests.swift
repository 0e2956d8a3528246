import Foundation
import LowRank
import LowRankServing
import Synchronization
import Testing

@Suite struct `The serving engine` {
  private func limits(_ change: (inout EngineLimits) -> Void = { _ in }) -> EngineLimits {
    var limits = EngineLimits()
    (limits.length, limits.cacheBytes) = (200, 1 << 24)
    change(&limits)
    return limits
  }

  private func request(
    _ prompt: [Int32], _ lease: AdapterLease?, maxTokens: Int = 12
  ) -> GenerationRequest {
    var request = GenerationRequest(prompt: prompt, maxTokens: maxTokens)
    if let lease { (request.mix, request.leases) = (AdapterMix(lease.version), [lease]) }
    return request
  }

  /// Answers of many requests at once, and what the generator says alone.
  private func expectOffline(
    _ fixture: ServedFixture, _ engine: ServingEngine, names: [String?], requests: Int,
    tokens: Int = 12
  ) async throws {
    var tickets: [(GenerationTicket, [Int32], String?)] = []
    for number in 0..<requests {
      let name = names[number % names.count]
      let prompt = ServedFixture.prompt(number, length: 1 + number * 7 % 53)
      let lease = try await name.asyncMap { try await fixture.library.lease($0) }
      tickets.append((try engine.submit(request(prompt, lease, maxTokens: tokens)), prompt, name))
    }
    for (ticket, prompt, name) in tickets {
      let (found, reason) = try await ticket.all()
      #expect(
        try found == fixture.offline(prompt, name, maxTokens: tokens),
        "\(name ?? "base") after \(prompt.count) tokens")
      #expect(reason == .length)
    }
  }

  @Test func `answers mixed adapters of unequal rank as each alone`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    try await expectOffline(fixture, engine, names: ["0", nil, "1", "2", "3"], requests: 40)
    let metrics = engine.metrics
    #expect(metrics.finished[.length] == 40)
    // They ran together: far fewer passes than tokens.
    #expect(metrics.passes < 200 && metrics.generatedTokens == 480)
  }

  @Test func `answers as the generator does with an adapted head and embeddings`() async throws {
    let fixture = try ServedFixture([
      (.named("lm_head", "q_proj"), .lora(rank: 3)), (.named("lm_head"), .lora(rank: 6)),
      (.named("embed_tokens", "up_proj"), .lora(rank: 2)),
    ])
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    try await expectOffline(fixture, engine, names: ["0", "1", nil, "2"], requests: 24)
  }

  @Test func `answers adapters that run alone as the generator does`() async throws {
    let fixture = try ServedFixture([
      (.allLinear, .dora(rank: 3)), (.allLinear, .lora(rank: 4)), (.queryValue, .dora(rank: 2)),
    ])
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    try await expectOffline(fixture, engine, names: ["0", nil, "1", "2"], requests: 16)
  }

  @Test func `divides long prompts among passes`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits { $0.rows = 8 })
    defer { engine.abort() }
    try await expectOffline(fixture, engine, names: ["0", "1", nil], requests: 12)
  }

  @Test func `takes pages away and computes them again where memory is short`() async throws {
    let fixture = try ServedFixture()
    // Room for one longest sequence: 13 pages.
    let engine = ServingEngine(fixture.model, limits: limits { $0.cacheBytes = 1 })
    defer { engine.abort() }
    try await expectOffline(
      fixture, engine, names: ["0", "1", nil, "2"], requests: 20, tokens: 60)
    #expect(engine.metrics.preemptions > 0)
    #expect(engine.metrics.usedPages == 0)
  }

  @Test func `finds prefixes by the content of adapters, whatever their names`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    let prompt = ServedFixture.prompt(3, length: 50)
    let lease = try await fixture.library.lease("1")
    let expected = try fixture.offline(prompt, "1", maxTokens: 12)
    #expect(try await engine.submit(request(prompt, lease)).all().tokens == expected)
    #expect(engine.metrics.foundTokens == 0)
    #expect(try await engine.submit(request(prompt, lease)).all().tokens == expected)
    #expect(engine.metrics.foundTokens == 48)
    // Another adapter, and the base, share nothing with it.
    let other = try await fixture.library.lease("0")
    #expect(
      try await engine.submit(request(prompt, other)).all().tokens
        == fixture.offline(prompt, "0", maxTokens: 12))
    #expect(engine.metrics.foundTokens == 48)
    // The same files under another name do.
    try FileManager.default.copyItem(
      at: fixture.folder.appending(path: "1"), to: fixture.folder.appending(path: "copy"))
    let copy = try await fixture.library.lease("copy")
    #expect(copy.version.content == lease.version.content)
    #expect(try await engine.submit(request(prompt, copy)).all().tokens == expected)
    #expect(engine.metrics.foundTokens == 96)
    // Other files under the same name do not.
    try ServedFixture.save(
      ServedFixture.adapter(on: fixture.model, .allLinear, .lora(rank: 5, alpha: 3), shift: -0.2),
      at: fixture.folder.appending(path: "1"))
    try await fixture.library.load(
      "1", at: fixture.folder.appending(path: "1"), replacing: true)
    let reloaded = try await fixture.library.lease("1")
    let renewed = try fixture.offline(prompt, "1", maxTokens: 12)
    #expect(renewed != expected)
    #expect(try await engine.submit(request(prompt, reloaded)).all().tokens == renewed)
    #expect(engine.metrics.foundTokens == 96)
    // Who began with the earlier version keeps it.
    #expect(try await engine.submit(request(prompt, lease)).all().tokens == expected)
  }

  @Test func `lets go of requests that are given up`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    let tickets = try (0..<10).map { number in
      try engine.submit(
        request(ServedFixture.prompt(number, length: 20), nil, maxTokens: 150))
    }
    for ticket in tickets.dropFirst() { ticket.cancel() }
    let (tokens, reason) = try await tickets[0].all()
    #expect(reason == .length)
    #expect(
      try tokens
        == fixture.offline(ServedFixture.prompt(0, length: 20), nil, maxTokens: 150))
    for ticket in tickets.dropFirst() { #expect(try await ticket.all().reason == nil) }
    #expect(engine.metrics.cancelled == 9)
    #expect(engine.metrics.usedPages == 0)
  }

  @Test func `refuses what is too long, and more than may wait`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(
      fixture.model, limits: limits { ($0.sequences, $0.waiting, $0.waitingOfTenant) = (1, 6, 4) })
    defer { engine.abort() }
    #expect(throws: ServingError.tooLong(tokens: 201, limit: 200)) {
      try engine.submit(request([1], nil, maxTokens: 200))
    }
    var refusals: [ServingError] = []
    var tickets: [GenerationTicket] = []
    for number in 0..<40 {
      var request = request([Int32(number % 37)], nil, maxTokens: 150)
      request.tenant = number < 20 ? "a" : "b"
      do { tickets.append(try engine.submit(request)) } catch { refusals.append(error) }
    }
    #expect(refusals.contains(.tooManyRequests) && refusals.contains(.queueFull))
    for ticket in tickets { #expect(try await ticket.all().reason == .length) }
  }

  @Test func `takes all requests of a call or none, and counts tokens that nobody reads`()
    async throws
  {
    let fixture = try ServedFixture()
    let engine = ServingEngine(
      fixture.model, limits: limits { ($0.waiting, $0.waitingOfTenant) = (6, 4) })
    defer { engine.abort() }
    #expect(throws: ServingError.tooManyAnswers(5, limit: 4)) {
      try engine.submit([GenerationRequest](repeating: request([1], nil), count: 5))
    }
    #expect(throws: ServingError.tooLong(tokens: .max, limit: 200)) {
      try engine.submit([request([1], nil), request([1], nil, maxTokens: .max)])
    }
    let counted = Atomic<Int>(0)
    var counting = request([1, 2], nil, maxTokens: 9)
    counting.counter = { counted.add(1, ordering: .relaxed) }
    let tickets = try engine.submit([counting, counting, counting])
    while tickets.contains(where: { $0.ended == nil }) {
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(counted.load(ordering: .relaxed) == 27)
  }

  @Test func `serves a tenant of one request before the many of another`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits { $0.sequences = 1 })
    defer { engine.abort() }
    let many = try (0..<40).map { number in
      var request = request([Int32(number % 37)], nil, maxTokens: 150)
      request.tenant = "many"
      return try engine.submit(request)
    }
    var own = request([9], nil, maxTokens: 2)
    own.tenant = "one"
    let ticket = try engine.submit(own)
    for ticket in many + [ticket] { _ = try await ticket.all() }
    // In the order of arrival it would be the last. How many were done when it came depends on the machine.
    let end = try #require(ticket.ended)
    #expect(many.count { $0.ended.map { $0 > end } ?? false } > 0)
  }

  @Test func `adds adapters up with their scales`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits())
    defer { engine.abort() }
    let (a, b) = (try await fixture.library.lease("1"), try await fixture.library.lease("3"))
    let prompt = ServedFixture.prompt(1, length: 9)
    var mixed = request(prompt, nil)
    mixed.mix = AdapterMix(parts: [
      .init(version: a.version, scale: 0.5), .init(version: b.version, scale: -2),
    ])
    mixed.leases = [a, b]
    // Beside another sequence, so that the terms are those of some rows.
    let other = try engine.submit(request(ServedFixture.prompt(2, length: 30), b, maxTokens: 40))
    let found = try await engine.submit(mixed).all().tokens
    let parts = try ["1", "3"].map {
      try Adapter(
        from: fixture.folder.appending(path: $0), on: fixture.model, name: AdapterName($0))
    }
    let model = fixture.model.adapted(by: parts)
    var generator = Generator(
      model, prompts: [prompt],
      adapters: .adding([
        .init(name: "1", rows: nil, scale: 0.5), .init(name: "3", rows: nil, scale: -2),
      ]), stops: [], maxTokens: 12)
    while try generator.advance() {}
    #expect(found == generator.sequences[0].tokens)
    #expect(found != (try fixture.offline(prompt, "1", maxTokens: 12)))
    #expect(
      try await other.all().tokens
        == fixture.offline(ServedFixture.prompt(2, length: 30), "3", maxTokens: 40))
  }

  @Test func `tells the logarithms of the prompt and the answer as scoring does`() async throws {
    let fixture = try ServedFixture()
    let engine = ServingEngine(fixture.model, limits: limits { $0.rows = 9 })
    defer { engine.abort() }
    let prompt = ServedFixture.prompt(4, length: 30)
    var request = request(prompt, nil, maxTokens: 3)
    (request.topCount, request.promptTopCount) = (2, 2)
    var (entries, tokens, values): ([LogProbabilities?], [Int32], [Double]) = ([], [], [])
    for await event in try engine.submit(request).events {
      switch event {
      case .prompt(let found): entries = found
      case .token(let token, let logarithms):
        tokens.append(token)
        values.append(try #require(logarithms).chosen.value)
        #expect(logarithms?.top.first?.token == token)
      default: break
      }
    }
    let scoring = Scoring(fixture.model, prompt + tokens)
    #expect(entries.count == prompt.count && entries[0] == nil && tokens.count == 3)
    for (index, entry) in entries.enumerated().dropFirst() {
      let expected = try #require(scoring.logProbabilities[index])
      #expect(abs(try #require(entry).chosen.value - expected) < 1e-5)
    }
    for (value, expected) in zip(values, scoring.logProbabilities.suffix(3)) {
      #expect(abs(value - (try #require(expected))) < 1e-5)
    }
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Value>(_ make: (Wrapped) async throws -> Value) async rethrows -> Value?
  {
    guard let self else { return nil }
    return try await make(self)
  }
}
