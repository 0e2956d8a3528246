import Foundation
import LowRank
import Testing

@Suite struct `The list of methods` {
  @Test func `has every method with its card as JSON`() throws {
    let json = try Lowrank("methods", "--json").json()
    #expect(json.keys == ["architectures", "initializations", "ranks", "optimizers"])
    for (axis, first) in [
      ("architectures", "lora"), ("initializations", "kaiming"), ("ranks", "fixed"),
      ("optimizers", "adamw"),
    ] {
      let cards = try #require(json[axis]?.array).compactMap { $0.object }
      #expect(cards.first?["name"] == .string(first))
      for card in cards {
        for key in ["name", "title", "citation", "mechanism", "use_when"] {
          #expect(card[key]?.string?.isEmpty == false, "\(axis) \(key)")
        }
        #expect(card["peft_type"] != nil && card["laws"]?.array != nil)
        for option in try #require(card["options"]?.array) {
          #expect(option.object?["name"]?.string != nil && option.object?["default"] != nil)
          #expect(
            ["integer", "number", "boolean", "choice", "path"].contains(
              option.object?["type"]?.string))
        }
      }
    }
    let one = try Lowrank("methods", "pissa", "--json").json()
    #expect(one["architectures"] == [])
    let card = try #require(one["initializations"]?.array?.first?.object)
    #expect(card["title"] == "PiSSA")
    #expect(
      card["options"]?.array?.first?.object?["default"] == 0)
  }

  @Test func `shows them to people`() throws {
    let list = try Lowrank("methods").output
    for name in ["lora", "dora", "pissa", "milora", "olora", "fixed", "adamw"] {
      #expect(list.contains("\n  \(name) "), "\(name)")
    }
    let card = try Lowrank("methods", "dora").output
    #expect(card.contains("DoRA: --method dora\n") && card.contains("arXiv 2402.09353"))
    let unknown = try Lowrank("methods", "pisa")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean \"pissa\"?"))
  }

  @Test func `is what the documentation says`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Documentation/Methods.md").standardizedFileURL
    #expect(try String(contentsOf: page, encoding: .utf8) == MethodPage.text)
  }

  @Test func `has complete cards, under names that an axis has once`() {
    for (axis, cards) in MethodCatalogue.axes {
      #expect(Set(cards.map(\.name)).count == cards.count, "\(axis)")
      for card in cards {
        #expect(card.name.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil, "\(card.name)")
        #expect(card.mechanism.hasSuffix(".") && card.useWhen.hasSuffix("."), "\(card.name)")
        #expect(!card.equation.isEmpty && card.citation.contains(/arXiv|20\d\d/), "\(card.name)")
        #expect(Set(card.options.map(\.name)).count == card.options.count, "\(card.name)")
      }
    }
  }
}
