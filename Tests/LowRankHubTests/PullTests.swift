import Foundation
import LowRankHub
import LowRankTestHub
import Synchronization
import Testing

@Suite struct `A pulled repository` {
  @Test func `lies in Python's cache with only the files that are read`() async throws {
    try await HubWorkshop.run { shop in
      let snapshot = try await shop.pull()
      let commit = try #require(shop.hub.commit(HubWorkshop.name))
      #expect(snapshot.commit == commit)
      #expect(snapshot.files == ["config.json", "model.safetensors", "tokenizer.json"])
      let folder = shop.cached().appending(path: "snapshots/\(commit)")
      #expect(snapshot.folder.path == folder.path)
      for file in snapshot.files {
        let path = folder.appending(path: file).path
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
        #expect(target.hasPrefix("../../blobs/"))
        #expect(FileManager.default.contents(atPath: path) == shop.hub.file(HubWorkshop.name, file))
      }
      let reference = shop.cached().appending(path: "refs/main")
      #expect(try String(contentsOf: reference, encoding: .utf8) == commit)
      let blobs = try FileManager.default.contentsOfDirectory(
        atPath: shop.cached().appending(path: "blobs").path)
      #expect(blobs.count == 3 && !blobs.contains { $0.hasSuffix("incomplete") })
      #expect(
        snapshot.bytesReceived
          == snapshot.files.reduce(0) {
            $0 + (shop.hub.file(HubWorkshop.name, $1)?.count ?? 0)
          })
      #expect(!shop.hub.log.contains { $0.path.hasSuffix(".bin") || $0.path.hasSuffix(".onnx") })
    }
  }

  @Test func `is asked for once where it may have changed, and not at all where it cannot`()
    async throws
  {
    try await HubWorkshop.run { shop in
      let commit = try await shop.pull().commit
      shop.hub.clearLog()
      #expect(try await shop.pull().bytesReceived == 0)
      #expect(shop.hub.log.count == 1)
      shop.hub.clearLog()
      let exact = try await shop.pull("\(HubWorkshop.name)@\(commit)")
      let offline = try await shop.pull(HubWorkshop.name, .model, ["HF_HUB_OFFLINE": "1"])
      #expect(exact.commit == commit && offline.commit == commit)
      #expect(shop.hub.log.isEmpty)
    }
  }

  @Test func `follows its branch, and keeps what both commits have`() async throws {
    try await HubWorkshop.run { shop in
      let first = try await shop.pull()
      shop.hub.add(HubWorkshop.name, files: ["config.json": Data("{\"model_type\": \"x\"}".utf8)])
      shop.hub.clearLog()
      let second = try await shop.pull()
      #expect(second.commit != first.commit && second.bytesReceived == 19)
      #expect(shop.transfers.isEmpty && second.files == first.files)
      #expect(shop.hub.log.filter { $0.path.contains("/resolve/") }.count == 1)
      let old = try String(contentsOf: first.folder.appending(path: "config.json"), encoding: .utf8)
      #expect(old.contains("llama"))
    }
  }

  @Test func `has revisions with slashes, tags and commits`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.branch(HubWorkshop.name, "feature/x")
      shop.hub.tag(HubWorkshop.name, "v1")
      let commit = try #require(shop.hub.commit(HubWorkshop.name))
      for revision in ["feature/x", "v1"] {
        #expect(try await shop.pull("\(HubWorkshop.name)@\(revision)").commit == commit)
        let reference = shop.cached().appending(path: "refs/\(revision)")
        #expect(try String(contentsOf: reference, encoding: .utf8) == commit)
      }
      #expect(shop.transfers.count == 1)
    }
  }

  @Test func `may be in shards, of which just those of the index are fetched`() async throws {
    try await HubWorkshop.run { shop in
      let index = """
        {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}
        """
      shop.hub.add(
        "owner/sharded",
        files: [
          "config.json": Data("{}".utf8), "model.safetensors.index.json": Data(index.utf8),
          "model-1.safetensors": HubWorkshop.bytes(70_000, seed: 4),
          "model-2.safetensors": HubWorkshop.bytes(80_000, seed: 5),
          "other.safetensors": HubWorkshop.bytes(10, seed: 6),
        ])
      let snapshot = try await shop.pull("owner/sharded")
      #expect(
        snapshot.files == [
          "config.json", "model-1.safetensors", "model-2.safetensors",
          "model.safetensors.index.json",
        ])
      try FileManager.default.removeItem(
        at: snapshot.folder.appending(path: "model-2.safetensors"))
      let error = try await shop.failure("owner/sharded", .model, ["HF_HUB_OFFLINE": "1"])
      #expect(error?.kind == .offline)
      #expect(error?.description.contains("without model-2.safetensors") == true)
    }
  }

  @Test func `may be an adapter, of PEFT or of mlx-lm`() async throws {
    try await HubWorkshop.run { shop in
      for (name, weights) in [
        ("a/peft", "adapter_model.safetensors"), ("a/mlx", "adapters.safetensors"),
      ] {
        shop.hub.add(
          name,
          files: [
            "adapter_config.json": Data("{}".utf8), weights: HubWorkshop.bytes(100, seed: 7),
            "lowrank.json": Data("{}".utf8), "tokenizer.json": Data("{}".utf8),
          ])
        let files = ["adapter_config.json", "lowrank.json", "tokenizer.json", weights].sorted()
        #expect(try await shop.pull(name, .adapter).files == files)
        #expect(try await shop.pull(name, .either).files == files)
        #expect(
          try await shop.failure(name)?.description.contains("an adapter, not a model") == true)
      }
      let error = try await shop.failure(HubWorkshop.name, .adapter)
      #expect(error?.description.contains("a model, not an adapter") == true)
    }
  }

  @Test func `of files of torch alone is fetched with a note, and asked for no more than others`()
    async throws
  {
    try await HubWorkshop.run { shop in
      let weights = HubWorkshop.bytes(500, seed: 4)
      shop.hub.add(
        "a/torch", files: ["config.json": Data("{}".utf8), "pytorch_model.bin": weights])
      shop.hub.add(
        "a/shards",
        files: [
          "config.json": Data("{}".utf8), "pytorch_model-1.bin": weights,
          "pytorch_model.bin.index.json": Data(
            "{\"weight_map\": {\"a\": \"pytorch_model-1.bin\"}}".utf8),
        ])
      shop.hub.add(
        "a/adapter",
        files: [
          "adapter_config.json": Data("{}".utf8), "adapter_model.bin": weights,
          "optimizer.pt": weights,
        ])
      for (name, content, files) in [
        ("a/torch", HubContent.model, ["config.json", "pytorch_model.bin"]),
        (
          "a/shards", .model,
          ["config.json", "pytorch_model-1.bin", "pytorch_model.bin.index.json"]
        ), ("a/adapter", .adapter, ["adapter_config.json", "adapter_model.bin"]),
      ] {
        let notes = Mutex<[String]>([])
        let snapshot = try await shop.pull(name, content) { event in
          if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        #expect(snapshot.files == files)
        #expect(notes.withLock { $0 }.contains { $0.contains("\(name) holds no safetensors") })
        shop.hub.clearLog()
        let exact = try await shop.pull("\(name)@\(snapshot.commit)", content)
        let offline = try await shop.pull(name, content, ["HF_HUB_OFFLINE": "1"])
        #expect(exact.files == files && offline.files == files && shop.hub.log.isEmpty)
      }
    }
  }

  @Test func `is fetched in safetensors where a cache has only a file of torch`() async throws {
    try await HubWorkshop.run { shop in
      let commit = try #require(shop.hub.commit(HubWorkshop.name))
      let folder = shop.cached().appending(path: "snapshots/\(commit)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for file in ["config.json", "tokenizer.json", "pytorch_model.bin"] {
        try shop.hub.file(HubWorkshop.name, file)?.write(to: folder.appending(path: file))
      }
      let snapshot = try await shop.pull("\(HubWorkshop.name)@\(commit)")
      #expect(snapshot.files.contains("model.safetensors"))
    }
  }

  @Test func `of other weights alone is refused, and of a name of before is found`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.add(
        "a/pickled", files: ["config.json": Data("{}".utf8), "weights.pt": Data("x".utf8)])
      let error = try await shop.failure("a/pickled")
      #expect(error?.kind == .content && error?.description.contains("weights.pt") == true)
      #expect(!shop.hub.log.contains { $0.path.contains("/resolve/") })
      shop.hub.rename(HubWorkshop.name, to: "owner/renamed")
      #expect(try await shop.pull().files.contains("model.safetensors"))
    }
  }

  @Test func `is copied where there are to be no links`() async throws {
    try await HubWorkshop.run { shop in
      let folder = try await shop.pull(
        HubWorkshop.name, .model, ["HF_HUB_DISABLE_SYMLINKS": "1"]
      ).folder
      let path = folder.appending(path: "model.safetensors").path
      let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      #expect(kind == .typeRegular && FileManager.default.contents(atPath: path) == shop.weights)
    }
  }
}
