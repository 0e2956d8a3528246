import LowRankHub
import Testing
import Yams

@Suite struct `A model card` {
  private static func card(_ base: ModelCard.Base) throws -> ModelCard {
    ModelCard(for: try HubName("me/adapter"), base: base)
  }

  /// The facts between the dashes.
  private static func facts(_ card: ModelCard) throws -> [String: Any] {
    let parts = try card.text().split(separator: "---\n", maxSplits: 2)
    #expect(try card.text().hasPrefix("---\n"))
    return try #require(try Yams.load(yaml: String(parts[0])) as? [String: Any])
  }

  @Test func `tells the hub what it knows`() throws {
    var card = try Self.card(ModelCard.Base(id: "owner/base", fingerprint: "lowrank1:00"))
    card.task = "CAUSAL_LM"
    card.license = "no"
    card.datasets = ["owner/rows"]
    let facts = try Self.facts(card)
    #expect(facts["base_model"] as? String == "owner/base")
    #expect(facts["base_model_relation"] as? String == "adapter")
    #expect(facts["library_name"] as? String == "peft")
    #expect(facts["pipeline_tag"] as? String == "text-generation")
    #expect(facts["datasets"] as? [String] == ["owner/rows"])
    #expect(facts["tags"] as? [String] == ["lora", "lowrank"])
    // In YAML the plain word would be a truth value.
    #expect(facts["license"] as? String == "no")
  }

  @Test func `says nothing that it does not know`() throws {
    let card = try Self.card(ModelCard.Base(folder: "llama"))
    let facts = try Self.facts(card)
    #expect(Set(facts.keys) == ["library_name", "tags"])
    let text = try card.text()
    for title in ["## Data", "## Metrics", "## How it was made", "## Adapter"] {
      #expect(!text.contains(title))
    }
    #expect(text.contains("`llama`"))
  }

  @Test func `lists ranks where they differ, and only there`() throws {
    var card = try Self.card(ModelCard.Base())
    card.modules = [
      ModelCard.Module(path: "layers.0.q_proj", rank: 8, alpha: 16),
      ModelCard.Module(path: "layers.1.q_proj", rank: 8, alpha: 16),
    ]
    card.parameters = 1_234_567
    #expect(try card.text().contains("| Rank | 8 |\n| α | 16 |\n| Parameters | 1,234,567 |"))
    #expect(try !card.text().contains("| Module |"))
    card.modules[1] = ModelCard.Module(path: "layers.1.q_proj", rank: 3, alpha: 1.5)
    #expect(try card.text().contains("| Rank | 3 to 8, see below |"))
    #expect(try card.text().contains("| `layers.1.q_proj` | 3 | 1.5 |"))
  }

  @Test func `keeps what files say within its cells`() throws {
    var card = try Self.card(ModelCard.Base(folder: "a`b\nc"))
    card.data = [ModelCard.Row("Name", "x | y\n# z")]
    let text = try card.text()
    #expect(text.contains("`a'b c`"))
    #expect(text.contains("| Name | x \\| y # z |"))
  }

  @Test func `shows the last and the best of each measure`() throws {
    var card = try Self.card(ModelCard.Base())
    card.metrics = [
      ModelCard.Measure(
        "validation loss", last: ModelCard.Measure.Point(step: 20, value: 1.25),
        best: ModelCard.Measure.Point(step: 10, value: 1))
    ]
    #expect(
      try card.text().contains("| validation loss | 1.2500 (step 20) | 1.0000 (step 10) |"))
  }

  @Test func `shows how a classifier on a branch is used`() throws {
    var card = ModelCard(
      for: try HubName("me/adapter@next"), base: ModelCard.Base(id: "owner/base"))
    card.task = "SEQ_CLS"
    let text = try card.text()
    #expect(
      text.contains(
        "AutoPeftModelForSequenceClassification.from_pretrained(\"me/adapter\", revision=\"next\")"
      ))
    #expect(
      text.contains("lowrank predict --model owner/base --adapter me/adapter@next --text 'Hello'"))
  }
}
