import Foundation
import LowRank
import Testing

@Suite struct `Converting a configuration` {
  private static let fixtures = Bundle.module.resourceURL?.appending(
    path: "Fixtures/configurations")

  /// A fixture with the workshop's places put in, as a file of the workshop.
  private func written(_ name: String, in workshop: Workshop) throws -> URL {
    let source = try #require(Self.fixtures).appending(path: name)
    let text = try String(contentsOf: source, encoding: .utf8)
      .replacing("MODEL", with: workshop.model.path).replacing("DATA", with: workshop.data.path)
      .replacing("ADAPTER", with: workshop.place("a").path)
    return try write(text, to: name, in: workshop)
  }

  private func write(_ text: String, to name: String, in workshop: Workshop) throws -> URL {
    let url = workshop.place(name)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url
  }

  private func convert(_ file: URL, in workshop: Workshop, _ flags: String...) throws -> Lowrank {
    try Lowrank(
      ["convert", "config", file.path, "--output", workshop.place("run.yaml").path] + flags)
  }

  /// The lines of the run's file that are not remarks, without those behind values.
  private func lines(_ workshop: Workshop) throws -> [String] {
    try String(contentsOf: workshop.place("run.yaml"), encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { String($0.split(separator: "  #")[0]).replacing(workshop.root.path, with: "ROOT") }
  }

  private func keys(_ report: JSONObject, _ fate: String) throws -> [String] {
    try #require(report[fate]?.array).compactMap { $0.object?["key"]?.string }
  }

  @Test func `of mlx-lm gives the run that its keys describe`() throws {
    let workshop = try Workshop()
    let file = try written("mlx-every-key.yaml", in: workshop)
    let answer = try convert(file, in: workshop, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    #expect(report["from"]?.string == "mlx" && report["faithful"]?.bool == true)
    #expect(try keys(report, "unknown") == [] && keys(report, "unsupported") == [])
    #expect(try keys(report, "changed").contains("grad_accumulation_steps"))
    #expect(
      try lines(workshop) == [
        "model: ROOT/model", "data: ROOT/data", "adapter_path: ROOT/a", "dora: true", "rank: 4",
        "alpha: 10", "dropout: 0.125", "target: [self_attn.q_proj, self_attn.v_proj]", "layers: 1",
        "batch_size: 2", "grad_accumulation: 2", "iters: 20", "learning_rate: 0.001",
        "lr_schedule: cosine", "lr_floor: 1e-05", "warmup: 5", "weight_decay: 0.05",
        "adam_betas: [0.9, 0.98]", "adam_eps: 1e-6", "max_seq_length: 32", "seed: 7",
        "grad_checkpointing: true",
        "eval_every: 10", "eval_rows: 50", "save_every: 5",
      ])
    let run = try Lowrank("train", "-c", workshop.place("run.yaml").path, "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json()["steps"]?.integer == 20)
    let config = try JSONFile(at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(try config.integer("r") == 4 && config.bool("use_dora"))
    #expect(try config.optionalIntegers("layers_to_transform") == [1])
  }

  @Test func `of mlx-lm says what mlx-lm does without being told`() throws {
    let workshop = try Workshop()
    let file = try write(
      "model: \(workshop.model.path)\ndata: \(workshop.data.path)\n",
      to: "m.yaml",
      in: workshop)
    let answer = try convert(file, in: workshop)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(
      try lines(workshop) == [
        "model: ROOT/model", "data: ROOT/data", "adapter_path: adapters", "rank: 8", "alpha: 160",
        "target: all-linear", "batch_size: 4", "iters: 1000", "learning_rate: 1e-5",
        "lr_schedule: constant", "max_seq_length: 2048", "eval_every: 200", "eval_rows: 100",
        "save_every: 100",
      ])
  }

  @Test func `counts the last layers in the model that is given`() throws {
    let workshop = try Workshop()
    let file = try write(
      "model: someone/model\ndata: d\nnum_layers: 1\niters: 2\n", to: "m.yaml", in: workshop)
    let alone = try convert(file, in: workshop, "--json").json()
    #expect(try keys(alone, "unsupported").contains("num_layers"))
    #expect(try !lines(workshop).contains { $0.hasPrefix("layers") })
    let counted = try convert(
      file, in: workshop, "--model", workshop.model.path, "--overwrite", "--json"
    ).json()
    #expect(try !keys(counted, "unsupported").contains("num_layers"))
    #expect(try lines(workshop).contains("layers: 1"))
    #expect(try lines(workshop).contains("model: ROOT/model"))
  }

  @Test func `names targets that the model does not have`() throws {
    let workshop = try Workshop()
    for (text, key) in [
      (
        "model: \(workshop.model.path)\ntrain: true\nlora_parameters: {rank: 4, scale: 2.0, keys: [self_attn.q_prj, v_proj]}\n",
        "lora_parameters.keys"
      ),
      (
        "base_model: \(workshop.model.path)\nadapter: lora\nlora_r: 4\nlora_alpha: 8\nlora_target_modules: [q_prj, v_proj]\n",
        "lora_target_modules"
      ),
    ] {
      let file = try write(text, to: "targets.yaml", in: workshop)
      let answer = try convert(file, in: workshop, "--overwrite")
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(
        answer.errors.contains("\(key): no module of the model matches \"")
          && answer.errors.contains("q_prj\", and lowrank train would stop"), "\(answer.errors)")
      #expect(!answer.errors.contains("matches \"v_proj\""), "\(answer.errors)")
    }
  }

  @Test func `of axolotl gives the run that its keys describe`() throws {
    let workshop = try Workshop()
    let file = try written("axolotl-every-key.yml", in: workshop)
    let answer = try convert(file, in: workshop, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    #expect(report["from"]?.string == "axolotl" && report["faithful"]?.bool == true)
    #expect(try keys(report, "unknown") == [] && keys(report, "unsupported") == [])
    #expect(
      try lines(workshop) == [
        "model: ROOT/model", "train_file: ROOT/data/train.jsonl",
        "valid_file: ROOT/data/valid.jsonl", "adapter_path: ROOT/a", "rank: 4", "alpha: 16",
        "dropout: 0.05", "modules_to_save: [lm_head]", "rank_pattern: {up_proj: 2}",
        "alpha_pattern: {up_proj: 4}", "rslora: true", "dora: true",
        "trainable_tokens: [5, 9]",
        "target: [q_proj, v_proj, up_proj]", "layers: [0, 1]", "batch_size: 2",
        "grad_accumulation: 3", "iters: 10", "max_seq_length: 32", "packing: true",
        "precision: f32",
        "grad_checkpointing: true", "seed: 11",
        "weight_decay: 0.01", "max_grad_norm: 0.5", "adam_eps: 1e-6", "adam_betas: [0.9, 0.95]",
        "learning_rate: 0.002", "lr_schedule: cosine", "lr_floor: 0.0005", "warmup: 2",
        "eval_every: 5", "save_every: 5", "metric: loss", "save_total_limit: 2", "patience: 9",
      ])
    let run = try Lowrank("train", "-c", workshop.place("run.yaml").path, "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json()["steps"]?.integer == 10)
    let config = try JSONFile(at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(try config.bool("use_rslora") && config.object("rank_pattern").integer("up_proj") == 2)
  }

  @Test func `of mlx-lm keeps the names of columns`() throws {
    let workshop = try Workshop()
    let file = try write(
      "model: \(workshop.model.path)\nprompt_feature: topic\ncompletion_feature: reply\n",
      to: "mlx.yaml",
      in: workshop)
    #expect(try convert(file, in: workshop).status == 0)
    let lines = try lines(workshop)
    #expect(lines.contains("prompt_column: topic") && lines.contains("completion_column: reply"))
  }

  @Test(arguments: [
    (
      "mlx-lost.yaml",
      [
        "model", "fine_tune_type", "num_layers", "lr_schedule",
        "lr_schedule.warmup", "optimizer", "resume_adapter_file",
        "lora_parameters.scale", "training_mode",
      ], "steps_per_evaluation"
    ),
    (
      "axolotl-lost.yml",
      [
        "datasets", "datasets[0].message_property_mappings.content", "datasets[0].roles_to_train",
        "datasets[0].train_on_eos", "datasets[0].split",
        "val_set_size", "adapter", "optimizer", "lr_scheduler",
        "tokenizer_config", "load_in_4bit", "peft_trainable_token_indices", "chat_template",
        "eot_tokens", "early_stopping_patience",
        "resume_from_checkpoint",
      ], "not_a_key"
    ),
  ])
  func `names first what the result would depend on`(
    name: String, lost: [String], unknown: String
  ) throws {
    let workshop = try Workshop()
    let answer = try convert(try written(name, in: workshop), in: workshop, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    #expect(try keys(report, "unsupported").sorted() == lost.sorted())
    #expect(try keys(report, "unknown") == [unknown])
    #expect(report["faithful"]?.bool == false)
    let text = try String(contentsOf: workshop.place("run.yaml"), encoding: .utf8)
    let first = try #require(text.split(separator: "\n").first)
    #expect(first.hasPrefix("# this run differs from the original in: "))
    for key in lost + [unknown] {
      #expect(first.contains(key) && answer.errors.contains(key), "\(key)")
      #expect(text.contains("\n#   \(key): "), "\(key)")
    }
    // What has to be there first has a heading of its own, and stands there alone.
    let missing = try #require(report["missing"]?.array).compactMap(\.string)
    #expect(
      text.contains("\n# Not on this machine; lowrank train stops without it:\n") == !missing
        .isEmpty)
    for key in missing {
      #expect(text.components(separatedBy: "\n#   \(key): ").count == 2, "\(text)")
    }
    // What is left is still a run that train takes, but for the model, which is not here.
    let run = try Lowrank("train", "-c", workshop.place("run.yaml").path)
    #expect(run.status == 1 && run.errors.contains("does not exist"), "\(run.errors)")
  }

  @Test(arguments: [
    (
      "base_model: MODEL\nmicro_batch_size: 1\ndatasets:\n  - path: DATA/nope.jsonl\n    type: input_output",
      "datasets[0].path", "DATA/nope.jsonl"
    ),
    (
      "base_model: MODEL\nmicro_batch_size: 1\ndatasets:\n  - path: DATA/nope\n    type: completion",
      "datasets[0].path", "DATA/nope"
    ),
    ("model: MODEL\ndata: DATA/nope\nlora_parameters: {rank: 4, scale: 2}", "data", "DATA/nope"),
    // The folder is here, so this is no name on the hub.
    ("model: MODEL\ndata: data/nope\nlora_parameters: {rank: 4, scale: 2}", "data", "data/nope"),
  ])
  func `warns of rows that are not here`(yaml: String, key: String, path: String) throws {
    let workshop = try Workshop()
    func placed(_ text: String) -> String {
      text.replacing("MODEL", with: workshop.model.path).replacing("DATA", with: workshop.data.path)
    }
    _ = try write(placed(yaml), to: "x.yml", in: workshop)
    let answer = try Lowrank(
      ["convert", "config", "x.yml", "--output", "run.yaml", "--json"], in: workshop.root)
    #expect(answer.status == 0)
    #expect(
      answer.errors.contains(
        "warning: \(key): there is no \(placed(path)) on this machine, and lowrank train stops without it"
      ),
      "\(answer.errors)")
    let report = try answer.json()
    #expect(report["missing"]?.array?.map(\.string) == [key])
    #expect(try keys(report, "changed").contains(key))
    let here = placed(yaml).replacing("nope.jsonl", with: "train.jsonl").replacing(
      "/nope", with: "/train.jsonl")
    _ = try write(here, to: "y.yml", in: workshop)
    let whole = try Lowrank(
      ["convert", "config", "y.yml", "--output", "run.yaml", "--json", "--overwrite"],
      in: workshop.root)
    #expect(try whole.json()["missing"]?.array == [], "\(whole.errors)")
  }

  @Test(arguments: [
    ("learning_rate: auto", "unsupported", "learning_rate"),
    ("adam_beta2: [1]", "unsupported", "adam_beta2"),
    ("lora_rank_pattern: {q_proj: high}", "unsupported", "lora_rank_pattern"),
    ("datasets: rows.jsonl", "unsupported", "datasets"),
    ("lr_scheduler_kwargs: 3", "unsupported", "lr_scheduler_kwargs"),
    ("lr_scheduler_kwargs: {power: 2}", "unsupported", "lr_scheduler_kwargs.power"),
    ("optimizer: adamw_bnb_8bit", "changed", "optimizer"),
    ("fp16: true", "changed", "fp16"),
    ("warmup_ratio: 3", "unsupported", "warmup_ratio"),
    ("wandb_anything: 3", "inert", "wandb_anything"),
    ("<<: {a: 1}", "unknown", "<<"),
  ])
  func `accounts for a key whose value is odd`(yaml: String, fate: String, key: String) throws {
    let workshop = try Workshop()
    let file = try write("base_model: m\nmicro_batch_size: 1\n\(yaml)\n", to: "x.yml", in: workshop)
    let report = try convert(file, in: workshop, "--json").json()
    #expect(try keys(report, fate).contains(key), "\(report)")
  }

  @Test func `lets no value out of its line`() throws {
    let workshop = try Workshop()
    let file = try write(
      #"""
      base_model: "m\niters: 3"
      "odd\nkey: 1": 2
      output_dir: "no"
      lora_target_modules: ["a\"b", "on", "c: d", "# e", "ü\u2028"]
      lora_r: 2
      lora_alpha: 2
      """#, to: "x.yml", in: workshop)
    #expect(try convert(file, in: workshop, "--from", "axolotl").status == 0)
    let lines = try lines(workshop)
    #expect(lines.contains(#"model: "m\x0Aiters: 3""#))
    #expect(lines.contains(#"adapter_path: "no""#))
    #expect(lines.contains(##"target: ["a\"b", "on", "c: d", "# e", "ü\u2028"]"##))
    #expect(!lines.contains { $0.hasPrefix("iters") || $0.hasPrefix("key") })
    let run = try Lowrank("train", "-c", workshop.place("run.yaml").path)
    #expect(run.errors.contains("does not exist"), "\(run.errors)")
  }

  @Test(
    arguments: [
      ("rank: 4", [], 2, "is a configuration of lowrank; give it to lowrank train -c"),
      ("", [], 2, "name the one to read with --from"),
      ("seed: 1", ["--from", "peft"], 2, "--from is \"peft\", expected mlx or axolotl"),
      ("iters: [", [], 2, "not YAML"), ("words", [], 2, "expected"),
      ("iters: 3", ["--model", "nomodel"], 1, "nomodel does not exist"),
    ] as [(String, [String], Int32, String)])
  func `refuses what it cannot tell`(
    yaml: String, flags: [String], status: Int32, sentence: String
  ) throws {
    let workshop = try Workshop()
    let file = try write(yaml + "\n", to: "x.yaml", in: workshop)
    let answer = try Lowrank(
      ["convert", "config", file.path, "--output", workshop.place("run.yaml").path] + flags)
    #expect(answer.status == status && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("run.yaml").path))
  }

  @Test func `spares what is there`() throws {
    let workshop = try Workshop()
    let file = try write("iters: 3\n", to: "x.yaml", in: workshop)
    func says(_ sentence: String, _ output: String, _ flags: String...) throws {
      let answer = try Lowrank(["convert", "config", file.path, "--output", output] + flags)
      #expect(answer.status != 0 && answer.errors.contains(sentence), "\(answer.errors)")
    }
    try says("--output is empty", "")
    try says("which is read from", file.path, "--overwrite")
    let notes = try write("mine", to: "notes.txt", in: workshop)
    // The flag would not help, so it is not asked for.
    try says("is not a YAML file", notes.path)
    try says("is not a YAML file", notes.path, "--overwrite")
    let other = try write("rank: 4\n", to: "other.yaml", in: workshop)
    try says("exists already", other.path)
    #expect(try Lowrank("convert", "config").errors.contains("give the file to convert"))
    #expect(try Lowrank("convert", "config", file.path).errors.contains("--output FILE is missing"))
  }

  @Test func `leaves the conversion of adapters as it was`() throws {
    let workshop = try Workshop()
    #expect(try Lowrank(workshop.training(into: "config", "--iters", "2")).status == 0)
    for path in ["./config", workshop.place("config").path] {
      let answer = try Lowrank(
        ["convert", path, "--to", "mlx", "--output", "m", "--overwrite"], in: workshop.root)
      #expect(answer.status == 0 && answer.output.contains("exactly"), "\(answer.errors)")
    }
    let flagsFirst = try Lowrank(
      ["convert", "--to", "mlx", "--output", "n", "./config"], in: workshop.root)
    #expect(flagsFirst.status == 0, "\(flagsFirst.errors)")
    #expect(try Lowrank("convert").errors.contains("give the adapter to convert"))
    let unknown = try Lowrank("convert", "x", "--too", "mlx")
    #expect(unknown.status == 2 && unknown.errors.contains("--too"), "\(unknown.errors)")
  }
}
