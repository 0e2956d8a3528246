import Foundation
import LowRank
import LowRankTestHub
import Testing

@Suite struct `A model by name` {
  @Test func `is pulled, and trains, scores and generates as from its folder`() async throws {
    try await HubBeside.run { shop in
      let pulled = try await shop.lowrank(["pull", HubBeside.name, "--json"])
      #expect(pulled.status == 0, "\(pulled.errors)")
      let json = try pulled.json()
      let commit = try #require(shop.hub.commit(HubBeside.name))
      #expect(json["name"]?.string == HubBeside.name && json["revision"]?.string == "main")
      #expect(json["commit"]?.string == commit)
      let files = try #require(json["files"]?.array).compactMap { $0.string }
      #expect(files.contains("model.safetensors") && files.contains("tokenizer.json"))
      let folder = try #require(json["folder"]?.string)
      for file in files {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/\(file)")
            == shop.hub.file(HubBeside.name, file))
      }
      let transfers = shop.transfers.count
      func training(_ model: String, _ place: String) -> [String] {
        shop.workshop.training(into: place, "--iters", "4", "--target", "all-linear")
          .map { $0 == shop.workshop.model.path ? model : $0 }
      }
      let named = try await shop.lowrank(training(HubBeside.name, "named"))
      let local = try await shop.lowrank(training(shop.workshop.model.path, "local"))
      #expect(named.status == 0 && local.status == 0, "\(named.errors) \(local.errors)")
      let adapters = ["named", "local"].map { shop.workshop.place($0) }
      #expect(
        try adapters.map { try AdapterFolder(at: $0).file.tensors.map { try $0.floats() } }[0]
          == AdapterFolder(at: adapters[1]).file.tensors.map { try $0.floats() })
      let config = try JSONFile(at: adapters[0].appending(path: "adapter_config.json"))
      #expect(try config.string("base_model_name_or_path") == HubBeside.name)
      #expect(try config.string("revision") == commit)
      shop.hub.add(
        "owner/adapter",
        files: try ["adapter_config.json", "adapter_model.safetensors", "lowrank.json"].reduce(
          into: [:]) { $0[$1] = try Data(contentsOf: adapters[0].appending(path: $1)) })
      for verb in [
        ["score", "--ids", "1,2,3", "--json"],
        ["generate", "--prompt", "abc", "--max-tokens", "8", "--temperature", "0"],
      ] {
        let byName = try await shop.lowrank(
          verb + ["--model", HubBeside.name, "--adapter", "owner/adapter"])
        let byFolder = try await shop.lowrank(
          verb + ["--model", shop.workshop.model.path, "--adapter", adapters[0].path])
        #expect(byName.status == 0 && byName.output == byFolder.output, "\(byName.errors)")
      }
      #expect(shop.transfers.count == transfers + 1)
    }
  }

  @Test func `resumes a run that began with its folder, offline too`() async throws {
    try await HubBeside.run { shop in
      let flags = shop.workshop.training(
        into: "a", "--iters", "4", "--save-every", "2", "--target", "all-linear")
      let whole = try await shop.lowrank(flags)
      #expect(whole.status == 0, "\(whole.errors)")
      _ = try await shop.lowrank(["pull", HubBeside.name])
      let named =
        flags.map { $0 == shop.workshop.model.path ? HubBeside.name : $0 } + ["--resume"]
      let again = try await shop.lowrank(named, ["HF_HUB_OFFLINE": "1"])
      #expect(again.status == 0 && again.errors.contains("the run is finished"), "\(again.errors)")
    }
  }

  @Test func `may be an adapter wherever adapters are given`() async throws {
    try await HubBeside.run { shop in
      let made = try await shop.lowrank(
        shop.workshop.training(into: "a", "--iters", "2", "--target", "all-linear"))
      #expect(made.status == 0, "\(made.errors)")
      let place = shop.workshop.place("a")
      shop.hub.add(
        "owner/adapter",
        files: try ["adapter_config.json", "adapter_model.safetensors"].reduce(into: [:]) {
          $0[$1] = try Data(contentsOf: place.appending(path: $1))
        })
      let output = shop.workshop.place("out").path
      for arguments in [
        ["compress", "owner/adapter", "--output", output + "1"], ["analyze", "owner/adapter"],
        ["diff", "owner/adapter@main", place.path, "--exit-code"],
        ["combine", "owner/adapter", "owner/adapter=0.5", "--output", output + "2"],
        ["convert", "owner/adapter", "--to", "mlx", "--output", output + "3"],
        ["inspect", "owner/adapter"], ["inspect", HubBeside.name],
        [
          "merge", "--model", HubBeside.name, "--adapter", "owner/adapter", "--output",
          output + "4",
        ],
        ["data", "check", "--model", HubBeside.name, "--data", shop.workshop.data.path],
        [
          "extract", "--base", HubBeside.name, "--tuned", output + "4", "--output", output + "5",
        ],
      ] {
        let answer = try await shop.lowrank(arguments)
        #expect(answer.status == 0, "\(arguments): \(answer.errors)")
      }
      let extracted = try JSONFile(at: URL(filePath: output + "5/adapter_config.json"))
      #expect(try extracted.string("base_model_name_or_path") == HubBeside.name)
      #expect(try extracted.string("revision") == shop.hub.commit(HubBeside.name))
      let start = try await shop.lowrank([
        "train", "--model", HubBeside.name, "--data", shop.workshop.data.path, "--iters", "1",
        "--adapter-path", shop.workshop.place("b").path, "--init-adapter", "owner/adapter",
      ])
      #expect(start.status == 0, "\(start.errors)")
    }
  }

  @Test func `is not written over`() async throws {
    try await HubBeside.run { shop in
      let pulled = try await shop.lowrank(["pull", HubBeside.name])
      let folder = pulled.output.trimmingCharacters(in: .whitespacesAndNewlines)
      let made = try await shop.lowrank(
        shop.workshop.training(into: "a", "--iters", "1", "--target", "all-linear"))
      #expect(made.status == 0, "\(made.errors)")
      let answer = try await shop.lowrank([
        "merge", "--model", HubBeside.name, "--adapter", shop.workshop.place("a").path,
        "--output", folder, "--overwrite",
      ])
      #expect(
        answer.status == 2 && answer.errors.contains("lies in the hub's cache"), "\(answer.errors)")
    }
  }

  @Test func `that is nowhere is one sentence that says both were tried`() async throws {
    try await HubBeside.run { shop in
      for (model, more, sentence) in [
        (
          "owner/none", [:],
          "owner/none does not exist: expected a model's folder, or a name on the hub"
        ),
        ("owner/none", [:], "has no model owner/none"),
        ("owner/none", ["HF_HUB_OFFLINE": "1"], "HF_HUB_OFFLINE is set"),
        ("./none", [:], "none does not exist: expected a model's folder"),
        ("a/b/none", [:], "a/b/none does not exist: expected a model's folder"),
        ("no--name", [:], "is not a name on the hub either"),
        ("\(HubBeside.name)@v9", [:], "has no revision \"v9\""),
      ] as [(String, [String: String], String)] {
        let answer = try await shop.lowrank(
          ["score", "--model", model, "--ids", "1"], more)
        #expect(answer.status == 1 && answer.errors.contains(sentence), "\(answer.errors)")
        #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
      }
      let usage = try await shop.lowrank(["pull", "./x"])
      #expect(usage.status == 2 && usage.errors.contains("expected owner/name"), "\(usage.errors)")
    }
  }
}
