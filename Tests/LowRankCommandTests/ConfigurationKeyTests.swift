import Foundation
import LowRank
import Testing

/// Every key of the other tools, against lists of them that are made of their own sources.
@Suite struct `A key of another tool` {
  /// The keys of a list with what becomes of each.
  private static func keys(_ list: String) throws -> [(name: String, fate: String)] {
    let file = try #require(Bundle.module.resourceURL).appending(
      path: "Fixtures/configurations/\(list)")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { line in
        let parts = line.split(separator: " ")
        return (String(parts[0]), String(parts[1]))
      }
  }

  /// A file with every key, each with a value of a kind that no key takes.
  private static func yaml(_ keys: [(name: String, fate: String)]) -> String {
    var lines: [String] = []
    var open: [String] = []
    for (name, _) in keys {
      let parts = name.split(separator: ".").map(String.init)
      let outer = Array(parts.dropLast())
      if outer != open {
        let shared = zip(outer, open).prefix { $0 == $1 }.count
        for depth in shared..<outer.count {
          lines.append(String(repeating: "  ", count: depth) + outer[depth] + ":")
        }
        open = outer
      }
      lines.append(String(repeating: "  ", count: outer.count) + parts[outer.count] + ": [[x]]")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test(arguments: [("mlx-defaults.txt", "mlx", 50), ("axolotl-schema.txt", "axolotl", 390)])
  func `is converted, has no effect, or is refused by name`(
    list: String, tool: String, count: Int
  ) throws {
    let workshop = try Workshop()
    let keys = try Self.keys(list)
    #expect(keys.count >= count)
    try workshop.write(Self.yaml(keys), to: workshop.root, "all.yaml")
    let answer = try Lowrank(
      "convert", "config", workshop.place("all.yaml").path, "--from", tool, "--output",
      workshop.place("run.yaml").path, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    func named(_ fate: String) throws -> Set<String> {
      Set(try #require(report[fate]?.array).compactMap { $0.object?["key"]?.string })
    }
    #expect(try named("unknown") == [])
    let (inert, unsupported, changed) = (
      try named("inert"), try named("unsupported"), try named("changed")
    )
    for (name, fate) in keys {
      switch fate {
      case "inert": #expect(inert.contains(name), "\(name)")
      case "refused": #expect(unsupported.contains(name), "\(name)")
      // What is read says that this is no value for it.
      case "converted":
        #expect(unsupported.contains(name) || changed.contains(name), "\(name)")
      default: Issue.record("\(name) has the fate \(fate)")
      }
    }
    for finding in try #require(report["inert"]?.array) {
      #expect(finding.object?["says"]?.string?.isEmpty == false)
    }
  }

  @Test(arguments: [
    ("num_layers: 4\nmodel: m\n", "num_layers", "mlx-lm"),
    ("learning_rate: 1e-4\nbase_model: m\n", "base_model", "axolotl"),
    ("datasets:\n  - path: x\n", "datasets", "axolotl"),
  ])
  func `in a run's file names the verb that converts it`(
    yaml: String, key: String, tool: String
  ) throws {
    let workshop = try Workshop()
    try workshop.write(yaml, to: workshop.root, "foreign.yaml")
    let path = workshop.place("foreign.yaml").path
    let answer = try Lowrank("train", "-c", path)
    #expect(answer.status == 2)
    #expect(
      answer.errors.contains("\"\(key)\" is a key of \(tool), not of lowrank train")
        && answer.errors.contains("lowrank convert config \(path) --output"), "\(answer.errors)")
  }
}

/// What becomes of rows, templates and shares.
@Suite struct `A configuration of axolotl` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// The lines of the run's file, and the keys of the report by fate.
  private func converted(
    _ yaml: String
  ) throws -> (lines: [String], report: [String: [String]], text: String) {
    try workshop.write("base_model: m\nadapter: lora\n" + yaml, to: workshop.root, "x.yml")
    let answer = try Lowrank(
      "convert", "config", workshop.place("x.yml").path, "--from", "axolotl", "--output",
      workshop.place("run.yaml").path, "--overwrite", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let text = try String(contentsOf: workshop.place("run.yaml"), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { String($0.split(separator: "  #")[0]) }
    let json = try answer.json()
    var report: [String: [String]] = [:]
    for fate in ["changed", "unsupported", "inert", "unknown"] {
      report[fate] = json[fate]?.array?.compactMap { $0.object?["key"]?.string }
    }
    return (lines, report, text)
  }

  private var rows: String { workshop.data.appending(path: "train.jsonl").path }

  @Test(arguments: [
    ("train_on_inputs: true", "train_on: all"),
    ("loraplus_lr_ratio: 16", "optimizer: \"lora-plus:ratio=16\""),
    ("peft_init_lora_weights: pissa", "init: pissa"),
    ("peft_init_lora_weights: pissa_niter_4", "init: \"pissa:niter=4\""),
    ("peft_init_lora_weights: lora_ga", "init: lora-ga"),
    ("peft_init_lora_weights: true", nil), ("loraplus_lr_ratio: 1", nil),
    ("train_on_inputs: false", nil),
  ])
  func `keeps choices beyond plain LoRA`(key: String, line: String?) throws {
    let keys = ["train_on", "optimizer", "init"]
    let found = try converted(key + "\n")
    let lines = found.lines.filter { line in keys.contains { line.hasPrefix($0 + ":") } }
    #expect(lines == [line].compactMap { $0 })
    let name = String(key.prefix { $0 != ":" })
    #expect(found.report["unsupported"]?.contains(name) == false)
  }

  @Test func `take the start of an adapter that training begins with`() throws {
    let found = try converted("lora_model_dir: before\npeft_init_lora_weights: pissa\n")
    #expect(found.lines.contains { $0.hasPrefix("init_adapter: before") })
    #expect(!found.lines.contains { $0.hasPrefix("init:") })
    #expect(found.report["changed"]?.contains("peft_init_lora_weights") == true)
  }

  @Test func `names starts that do not exist here`() throws {
    let found = try converted("peft_init_lora_weights: orthogonal\n")
    #expect(found.report["unsupported"]?.contains("peft_init_lora_weights") == true)
  }

  @Test(arguments: [
    ("type: alpaca", ["chat_template: alpaca"], "changed", "datasets[0].type"),
    ("type: 'alpaca:chatml'", ["chat_template: chatml"], "changed", "datasets[0].type"),
    ("type: 'alpaca:phi'", [], "unsupported", "datasets[0].type"),
    ("type: completion\n    field: body", ["text_column: body"], "changed", "datasets[0].type"),
    ("type: input_output", [], "unsupported", "datasets[0].type"),
    ("type: context_qa.load_v2", [], "unsupported", "datasets[0].type"),
    (
      "type: chat_template\n    chat_template: llama3\n    field_messages: dialog",
      ["text_column: dialog", "chat_template: llama3"], "changed", "datasets[0].path"
    ),
    (
      "type: sharegpt\n    conversation: chatml\n    field_human: human",
      ["chat_template: chatml"], "changed", "datasets[0].path"
    ),
    (
      "type:\n      field_instruction: q\n      field_output: a\n      format: '[INST] {instruction} [/INST]'\n      no_input_format: '[INST] {instruction} [/INST]'",
      ["prompt_template: \"[INST] {q} [/INST]\"", "completion_column: a"], "changed",
      "datasets[0].path"
    ),
    (
      "type:\n      field_instruction: q\n      field_output: a\n      format: '{instruction}'\n      no_input_format: '{instruction}'",
      ["prompt_column: q", "completion_column: a"], "changed", "datasets[0].path"
    ),
    (
      "type:\n      system_prompt: Be brief.\n      field_instruction: prompt", [], "unsupported",
      "datasets[0].type.system_prompt"
    ),
  ])
  func `names rows by their type`(
    set: String, expected: [String], fate: String, key: String
  ) throws {
    let found = try converted("datasets:\n  - path: rows.jsonl\n    \(set)\n")
    for line in expected { #expect(found.lines.contains(line), "\(found.lines)") }
    #expect(found.report[fate]?.contains(key) == true, "\(found.report)")
    if fate == "changed" {
      #expect(found.report["unsupported"]?.contains { $0.hasPrefix("datasets") } == false)
    }
    if expected.isEmpty { #expect(!found.lines.contains { $0.hasPrefix("chat_template") }) }
  }

  @Test(
    arguments: [
      ("chatml", "chat_template: chatml"), ("llama3", "chat_template: llama3"),
      ("gemma", "chat_template: gemma"), ("gemma3", "chat_template: gemma"),
      ("mistral_v1", "chat_template: mistral"), ("mistral_v2v3", "chat_template: mistral"),
      ("alpaca", "chat_template: alpaca"), ("tokenizer_default", nil), ("qwen3", nil),
    ] as [(String, String?)])
  func `maps the names of chat templates`(name: String, line: String?) throws {
    let sets = "datasets:\n  - {path: rows.jsonl, type: chat_template}\n"
    let found = try converted("chat_template: \(name)\n" + sets)
    if let line {
      #expect(found.lines.contains(line), "\(found.lines)")
    } else {
      #expect(!found.lines.contains { $0.hasPrefix("chat_template") }, "\(found.lines)")
    }
    #expect(found.report["unsupported"]?.contains("chat_template") == (name == "qwen3"))
  }

  @Test func `takes a template's file, and leaves one for other rows aside`() throws {
    try workshop.write("x", to: workshop.root, "t.jinja")
    let path = workshop.place("t.jinja").path
    let sets = "datasets:\n  - {path: rows.jsonl, type: chat_template}\n"
    let file = try converted("chat_template: jinja\nchat_template_jinja: \(path)\n" + sets)
    #expect(file.lines.contains("chat_template: \(path)"), "\(file.lines)")
    let text = try converted("chat_template: jinja\nchat_template_jinja: '{{ x }}'\n" + sets)
    #expect(text.report["unsupported"]?.contains("chat_template_jinja") == true)
    let other = try converted(
      "chat_template: chatml\ndatasets:\n  - {path: rows.jsonl, type: completion}\n")
    #expect(other.report["inert"]?.contains("chat_template") == true, "\(other.report)")
    #expect(!other.lines.contains { $0.hasPrefix("chat_template") })
  }

  @Test func `sets rows aside, and evaluates on them`() throws {
    let found = try converted(
      """
      datasets:
        - {path: \(rows), type: completion}
      val_set_size: 0.05
      micro_batch_size: 2
      gradient_accumulation_steps: 2
      evals_per_epoch: 2
      saves_per_epoch: 1
      early_stopping_patience: 3
      num_epochs: 3

      """)
    // 38 of 40 rows are left: 19 batches, 10 steps.
    for line in ["valid_share: 0.05", "eval_every: 5", "save_every: 10", "patience: 3"] {
      #expect(found.lines.contains(line), "\(line): \(found.lines)")
    }
    #expect(found.report["unsupported"]?.contains("val_set_size") == false)
    let rows = try converted("val_set_size: 200\n")
    #expect(rows.report["unsupported"]?.contains("val_set_size") == true)
    #expect(!rows.lines.contains { $0.hasPrefix("valid_share") })
  }

  @Test func `counts saves by the steps it has, or says what is missing`() throws {
    let steps = try converted("max_steps: 90\nnum_epochs: 3\nsaves_per_epoch: 4\n")
    #expect(steps.lines.contains("save_every: 8"), "\(steps.lines)")
    let unknown = try converted("saves_per_epoch: 4\ndatasets: [{path: none.jsonl}]\n")
    #expect(!unknown.lines.contains { $0.hasPrefix("save_every") })
    #expect(unknown.report["changed"]?.contains("saves_per_epoch") == true)
  }

  @Test func `adds tokens, and finds rows on the hub`() throws {
    let found = try converted(
      """
      tokens: ['<|im_start|>', '<|im_end|>']
      datasets:
        - {path: owner/rows, type: chat_template, revision: v2, name: small, chat_template: chatml}

      """)
    #expect(found.lines.contains("add_tokens: [\"<|im_start|>\", \"<|im_end|>\"]"))
    #expect(found.lines.contains("data: \"owner/rows@v2:small\""), "\(found.lines)")
    #expect(!found.lines.contains { $0.hasPrefix("train_file") })
  }

  @Test func `trains with the tokens and the template that it names`() throws {
    let data = try workshop.conversations(withTemplate: false)
    _ = try converted(
      """
      output_dir: \(workshop.place("a").path)
      datasets:
        - {path: \(data.path)/train.jsonl, type: chat_template, chat_template: chatml}
      tokens: ['<|im_start|>', '<|im_end|>']
      lora_r: 2
      lora_alpha: 4
      lora_target_modules: [q_proj, v_proj]
      max_steps: 2
      sequence_len: 32
      learning_rate: 1e-3

      """)
    let run = try Lowrank(
      "train", "-c", workshop.place("run.yaml").path, "--model", workshop.model.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("<|im_end|> (33)"), "\(run.errors)")
  }
}

@Suite struct `A configuration of mlx-lm` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func converted(_ yaml: String) throws -> (lines: [String], report: JSONObject) {
    try workshop.write(
      "model: \(workshop.model.path)\n" + yaml, to: workshop.root, "x.yaml")
    let answer = try Lowrank(
      "convert", "config", workshop.place("x.yaml").path, "--from", "mlx", "--output",
      workshop.place("run.yaml").path, "--overwrite", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let lines = try String(contentsOf: workshop.place("run.yaml"), encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { String($0.split(separator: "  #")[0]) }
    return (lines, try answer.json())
  }

  private func says(_ report: JSONObject, _ fate: String, _ key: String) -> String? {
    report[fate]?.array?.compactMap(\.object).first { $0["key"]?.string == key }?["says"]?.string
  }

  @Test(arguments: ["num_layers: 3", "num_layers: -1", "num_layers: 0", "num_layers: 2", ""])
  func `adapts all layers where it asks for as many as there are, or for more`(line: String) throws
  {
    let found = try converted("data: \(workshop.data.path)\n\(line)\n")
    #expect(!found.lines.contains { $0.hasPrefix("layers") }, "\(found.lines)")
    let said = says(found.report, "changed", "num_layers")
    switch line {
    case "num_layers: 3": #expect(said?.contains("the model has 2 layers: all are adapted") == true)
    case "": #expect(said?.hasPrefix("mlx-lm's default of 16, and the model has 2") == true)
    default: #expect(said == nil)
    }
  }

  @Test func `trains on what mask_prompt leaves`() throws {
    let text = try converted("data: \(workshop.data.path)\nmask_prompt: true\n")
    #expect(says(text.report, "changed", "mask_prompt")?.contains("rows of text") == true)
    let chat = try workshop.conversations()
    let last = try converted("data: \(chat.path)\nmask_prompt: true\n")
    #expect(last.lines.contains("train_on: last"), "\(last.lines)")
    let all = try converted("data: \(chat.path)\nmask_prompt: false\n")
    #expect(all.lines.contains("train_on: all"), "\(all.lines)")
    let pair = try converted("data: none\nmask_prompt: true\n")
    #expect(says(pair.report, "changed", "mask_prompt")?.contains("add train_on: last") == true)
  }

  @Test(arguments: [
    ("chat_feature: dialog", ["text_column: dialog"]),
    ("text_feature: body", ["text_column: body"]),
    ("prompt_feature: q\ncompletion_feature: a", ["prompt_column: q", "completion_column: a"]),
    (
      "hf_dataset:\n  path: owner/rows\n  train_split: train\n  prompt_feature: q",
      ["data: owner/rows", "prompt_column: q"]
    ),
    (
      "hf_dataset:\n  path: owner/rows\n  train_split: train_sft\n  valid_split: test_sft",
      ["data: owner/rows", "train_split: train_sft", "valid_split: test_sft"]
    ),
    ("data: mlx-community/WikiSQL", ["data: mlx-community/WikiSQL"]),
  ])
  func `keeps columns and data sets`(yaml: String, lines: [String]) throws {
    let found = try converted(yaml + "\n")
    for line in lines { #expect(found.lines.contains(line), "\(found.lines)") }
    #expect(found.report["unknown"] == [])
  }

  @Test func `reads conversations from a column of any name`() throws {
    let data = try workshop.conversations([
      Workshop.row("hi", "ho").replacing("\"messages\"", with: "\"dialog\"")
    ])
    // mlx-lm evaluates every 200 steps unless told otherwise, and so needs rows for it.
    try FileManager.default.copyItem(
      at: data.appending(path: "train.jsonl"), to: data.appending(path: "valid.jsonl"))
    _ = try converted(
      "data: \(data.path)\nchat_feature: dialog\niters: 1\nadapter_path: \(workshop.place("a").path)\n"
        + "max_seq_length: 32\n")
    let run = try Lowrank("train", "-c", workshop.place("run.yaml").path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      FileManager.default.fileExists(
        atPath: workshop.place("a").appending(path: "chat_template.jinja").path))
  }
}
