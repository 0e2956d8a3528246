import Foundation
import LowRank
import LowRankTesting
import Testing

@Suite struct `Looking at adapters` {
  private func trained(_ names: String..., steps: Int = 20) throws -> Workshop {
    let workshop = try Workshop()
    for (seed, name) in names.enumerated() {
      let flags = workshop.training(
        into: name, "--iters", "\(steps)", "--target", "all-linear", "--seed", "\(seed)")
      #expect(try Lowrank(flags).status == 0)
    }
    return workshop
  }

  @Test func `says what each module is, without a model`() throws {
    let workshop = try trained("a", "b")
    let answer = try Lowrank(
      "analyze", workshop.place("a").path, workshop.place("b").path, "--layers", "--json"
    ).json()
    let adapters = try #require(answer["adapters"]?.array)
    #expect(adapters.count == 2 && adapters[0].object?["modules"]?.array?.count == 14)
    let shared = try #require(answer["similarity"]?.array?.first?.object?["modules"]?.array)
    #expect(shared.count == 14)
    let layers = try #require(answer["layers"]?.array)
    #expect(layers.count == 7)
    let same = layers[0].object?["left"]?.array?.first?.array?.first?.double ?? 0
    #expect(abs(same - 1) < 1e-12)
    let table = try Lowrank("analyze", workshop.place("a").path)
    #expect(table.status == 0 && table.output.contains("model.layers.1.self_attn.q_proj"))
  }

  @Test func `measures what an adapter does to predictions`() throws {
    let workshop = try trained("a")
    let answer = try Lowrank(
      "analyze", workshop.place("a").path, "--model", workshop.model.path, "--data",
      workshop.data.path, "--ablate", "--directions", "3", "--intruders", "--precision", "f32",
      "--json"
    ).json()
    let behaviour = try #require(answer["behaviour"]?.object)
    let ablations = try #require(behaviour["ablations"]?.array)
    #expect(ablations.count == 17)
    let loss = try #require(behaviour["loss"]?.double)
    for one in ablations {
      let fields = try #require(one.object)
      let (without, increase) = (fields["loss"]?.double ?? 0, fields["increase"]?.double ?? 0)
      #expect(abs(without - loss - increase) < 1e-9)
    }
    // Without all that it learned an adapter is worse than with all.
    #expect(ablations.reduce(0) { $0 + ($1.object?["increase"]?.double ?? 0) } > 0)
    #expect((behaviour["kl"]?.double ?? 0) > 0)
    #expect(behaviour["input_subspaces"]?.array?.count == 14)
    // Two layers, of which o_proj and down_proj write to the residual stream.
    #expect(behaviour["raised_tokens"]?.array?.count == 4)
  }

  @Test(
    arguments: [
      (["--vectors", "both"], "expected update or factors"),
      (["--intruders"], "--intruders needs the base"), (["--ranks", "0"], "--ranks is \"0\""),
      (["--data", "x.jsonl"], "--data needs the base"), (["--ablate"], "--ablate needs data"),
      (["--output", "x"], "--output has no effect without --mitigate"),
      (["--model", "m", "--mitigate", "0.5"], "--mitigate needs --output DIR"),
      (["--threshold", "2"], "--threshold is 2.0"),
      (["--threshold", "0.4"], "--threshold has no effect"),
      (["--vectors", "factors"], "no effect on one"),
      (["--directions", "-1"], "--directions is -1"),
    ])
  func `refuses flags that make no sense`(flags: [String], sentence: String) throws {
    let workshop = try trained("a", steps: 1)
    let answer = try Lowrank(["analyze", workshop.place("a").path] + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test func `tells equal adapters from others`() throws {
    let workshop = try trained("a", "b")
    let (a, b) = (workshop.place("a").path, workshop.place("b").path)
    #expect(try Lowrank("diff", a, a, "--exit-code").status == 0)
    #expect(try Lowrank("diff", a, b).status == 0)
    let different = try Lowrank("diff", a, b, "--exit-code", "--json")
    #expect(different.status == 1 && different.output.contains("\"equal\":false"))
    #expect(!different.errors.contains("error"))
    for name in ["c", "d"] {
      let written = try Lowrank(
        "diff", a, "--canonical", "--output", workshop.place(name).path)
      #expect(written.status == 0, "\(written.errors)")
    }
    #expect(try Lowrank("diff", a, workshop.place("c").path, "--exit-code").status == 0)
    let files = try ["c", "d"].map {
      try Data(contentsOf: workshop.place($0).appending(path: "adapter_model.safetensors"))
    }
    #expect(files[0] == files[1])
    #expect(try Lowrank("diff", a).status == 2)
    #expect(try Lowrank("diff", a, b, "--output", "x").status == 2)
    let missing = try Lowrank("diff", a, workshop.place("nothing").path)
    #expect(missing.status == 1 && missing.errors.contains("nothing"))
  }

  @Test func `writes a page that needs nothing else, and its pictures`() throws {
    let workshop = try trained("a", "b", steps: 2)
    let (page, pictures) = (workshop.place("a.html").path, workshop.place("pictures").path)
    let flags = [
      "analyze", workshop.place("a").path, workshop.place("b").path, "--layers", "--report", page,
      "--png", pictures,
    ]
    let answer = try Lowrank(flags)
    #expect(answer.status == 0, "\(answer.errors)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("Spectra of a") && html.contains("Subspaces of a and b"))
    #expect(html.contains("self_attn.q_proj") && !html.contains("<script"))
    // Each figure in the head says whose it is.
    let head = try #require(html.components(separatedBy: "</header>").first)
    #expect(head.contains("scope=\"row\">a</th>") && head.contains("scope=\"row\">b</th>"))
    #expect(!head.contains("<dl"))
    let files = try FileManager.default.contentsOfDirectory(atPath: pictures)
    #expect(
      files.filter { $0.hasSuffix(".png") }.count == html.split(separator: "<details")
        .count - 1)
    #expect(try Lowrank(flags).status == 1, "a report in use is not replaced")
    #expect(try Lowrank(flags + ["--overwrite"]).status == 0)
    let named = try Lowrank("analyze", workshop.place("a").path, "--report", "a.txt")
    #expect(named.status == 2 && named.errors.contains("ends in .html"))
  }

  @Test func `shows odd names without letting them steer the terminal or the page`() throws {
    let path = "model.layers.0.\u{1b}[31m<script>\u{202e}q_proj"
    let made = try MadeAdapter([
      .init(path: path, up: noise(8, 2, seed: 1), down: noise(2, 8, seed: 2))
    ])
    let page = made.url.deletingLastPathComponent().appending(path: "odd-\(UUID()).html")
    defer { try? FileManager.default.removeItem(at: page) }
    let answer = try Lowrank("analyze", made.url.path, "--report", page.path)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.output.contains("\\u{1B}[31m<script>\\u{202E}q_proj"))
    #expect(!answer.output.unicodeScalars.contains("\u{1b}"))
    #expect(try !String(contentsOf: page, encoding: .utf8).contains("<script"))
  }
}
