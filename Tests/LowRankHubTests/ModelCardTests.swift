import Foundation
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

  @Test func `shows what was measured of the adapter, and at which step of its run`() throws {
    var card = try Self.card(ModelCard.Base())
    card.metrics = [ModelCard.Measure("validation loss", 1.25)]
    #expect(try card.text().contains("| validation loss | 1.2500 |"))
    #expect(try !card.text().contains("Measured after"))
    card.step = ModelCard.Step(20, of: 20)
    #expect(try card.text().contains("Measured after step 20, the last.\n"))
    card.step = ModelCard.Step(10, of: 20)
    #expect(
      try card.text().contains(
        "Measured after step 10, whose adapter this is: it was the best of a run of 20 steps."))
  }

  @Test func `names trained tokens, by text if it is known`() throws {
    var card = try Self.card(ModelCard.Base())
    card.modules = [ModelCard.Module(path: "q_proj", rank: 8, alpha: 16)]
    #expect(try !card.text().contains("Trained tokens"))
    card.trainedTokens = [ModelCard.Token(7, "<|user|>"), ModelCard.Token(9, nil)]
    #expect(try card.text().contains("| Trained tokens | `<\\|user\\|>` (7), 9 |"))
  }

  /// The card's program.
  private static func program(_ card: ModelCard) throws -> String {
    let parts = try card.text().components(separatedBy: "```python\n")
    try #require(parts.count == 2)
    return try #require(parts[1].components(separatedBy: "```").first)
  }

  @Test func `has a program with the number of labels, their names and the task`() throws {
    var card = ModelCard(
      for: try HubName("me/adapter@next"),
      base: ModelCard.Base(id: "owner/base", revision: "abc123"))
    card.task = "SEQ_CLS"
    var classes = ModelCard.Use.Classes(
      ["good", "so \"so\"", "back\\slash\n"], problem: "single_label_classification",
      areNamed: true)
    (classes.textCount, classes.maxLength) = (2, 128)
    card.use = ModelCard.Use(.classifier(classes))
    card.use.tokenTypes = nil
    let program = try Self.program(card)
    for line in [
      "from transformers import AutoModelForSequenceClassification, AutoTokenizer",
      "tokenizer = AutoTokenizer.from_pretrained(\"owner/base\", revision=\"abc123\")",
      #"labels = ["good", "so \"so\"", "back\\slash\n"]"#,
      "base = AutoModelForSequenceClassification.from_pretrained(\"owner/base\", revision=\"abc123\",",
      "    num_labels=3,", "    problem_type=\"single_label_classification\",",
      "    id2label=dict(enumerate(labels)),", "    ignore_mismatched_sizes=True)",
      "model = PeftModel.from_pretrained(base, \"me/adapter\", revision=\"next\").eval()",
      "inputs = tokenizer(\"Hello\", \"Good morning\", return_tensors=\"pt\", truncation=True, max_length=128)",
    ] {
      #expect(program.contains(line + "\n"), "\(line) in\n\(program)")
    }
    #expect(
      try card.text().contains(
        "lowrank predict --model owner/base --adapter me/adapter@next --text 'Hello' 'Good morning'\n"
      ))
  }

  @Test func `has a program that fits the embeddings to the tokens that the adapter brings`() throws
  {
    var card = try Self.card(ModelCard.Base(id: "owner/base"))
    #expect(try !Self.program(card).contains("resize"))
    card.use.vocabularySize = 50_260
    #expect(try Self.program(card).contains("base.resize_token_embeddings(50260)\nmodel = Peft"))
    card.use.vocabularySize = nil
    card.use.hasTokenizer = true
    let program = try Self.program(card)
    #expect(program.contains("tokenizer = AutoTokenizer.from_pretrained(\"me/adapter\")\n"))
    #expect(program.contains("    base.resize_token_embeddings(len(tokenizer))\n"))
  }

  @Test func `has a program that writes conversations with the adapter's template`() throws {
    var card = try Self.card(ModelCard.Base(id: "owner/base"))
    card.use = ModelCard.Use(.chat)
    let program = try Self.program(card)
    #expect(program.contains("template = cached_file(\"me/adapter\", \"chat_template.jinja\")\n"))
    #expect(program.contains("tokenizer.apply_chat_template(messages"))
    #expect(try card.text().contains("--adapter me/adapter --chat --prompt 'Hello'\n"))
  }
}
