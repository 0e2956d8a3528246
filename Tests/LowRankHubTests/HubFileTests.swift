import Foundation
import LowRankHub
import LowRankTestHub
import Testing

@Suite struct `A GGUF file on the hub` {
  private static let files = [
    "a.gguf", "big/b-00001-of-00003.gguf", "big/b-00002-of-00003.gguf",
    "big/b-00003-of-00003.gguf", "half-00001-of-00002.gguf", "z.GGUF",
  ]

  private func run(_ body: (HubWorkshop) async throws -> Void) async throws {
    try await HubWorkshop.run { shop in
      var files = ["README.md": Data("# Files".utf8)]
      for (number, name) in Self.files.enumerated() {
        files[name] = HubWorkshop.bytes(20_000 + number, seed: UInt64(number))
      }
      shop.hub.add("owner/gguf", files: files)
      try await body(shop)
    }
  }

  @Test(arguments: [
    ("a/b/c.gguf", "a/b", "main", "c.gguf"), ("a/b/c/d.gguf", "a/b", "main", "c/d.gguf"),
    ("a/b@v1/c.gguf", "a/b", "v1", "c.gguf"), ("a/b@v1/c/d.gguf", "a/b", "v1", "c/d.gguf"),
    ("a/b@refs/pr/3/c.gguf", "a/b", "refs/pr/3", "c.gguf"), ("a/b/C.GGUF", "a/b", "main", "C.GGUF"),
  ])
  func `has a repository, a revision and a path`(
    text: String, id: String, revision: String, path: String
  ) throws {
    let file = try #require(try HubFile(text))
    #expect(file.repository.id == id && file.repository.revision == revision && file.path == path)
    #expect(file.description == text)
  }

  @Test(arguments: [
    "a/b", "b.gguf", "a/b.gguf", "a/b@v1", "a/b/c.safetensors", "a/b/../c.gguf", "a/b//c.gguf",
    "a/b/./c.gguf",
  ])
  func `is not what names a repository, or leads out of one`(text: String) throws {
    #expect(try HubFile(text) == nil)
  }

  @Test(arguments: ["a/b@/c.gguf", "/a/c.gguf", "../b/c.gguf", "a/b--c/d.gguf"])
  func `of a repository that is none is refused`(text: String) {
    #expect(throws: HubError.self) { try HubFile(text) }
  }

  @Test func `is fetched alone, with the parts of its model, and found without the hub`()
    async throws
  {
    try await run { shop in
      let one = try await shop.pull("owner/gguf", .gguf("a.gguf"))
      #expect(one.files == ["a.gguf"])
      let parts = Array(Self.files[1...3])
      for part in parts {
        let split = try await shop.pull("owner/gguf", .gguf(part))
        #expect(split.files == ["a.gguf"] + parts)
        for name in parts {
          #expect(
            FileManager.default.contents(atPath: split.folder.appending(path: name).path)
              == shop.hub.file("owner/gguf", name))
        }
      }
      shop.hub.clearLog()
      let exact = try await shop.pull("owner/gguf@\(one.commit)", .gguf(parts[1]))
      let offline = try await shop.pull(
        "owner/gguf", .gguf("a.gguf"), ["HF_HUB_OFFLINE": "1"])
      #expect(exact.folder == one.folder && offline.folder == one.folder && shop.hub.log.isEmpty)
      let missing = try await shop.failure(
        "owner/gguf", .gguf("z.GGUF"), ["HF_HUB_OFFLINE": "1"])
      #expect(missing?.kind == .offline && missing?.description.contains("z.GGUF") == true)
    }
  }

  @Test func `that is missing is answered with those that are there`() async throws {
    try await run { shop in
      let error = try await shop.failure("owner/gguf", .gguf("c.gguf"))
      #expect(
        error?.description
          == "owner/gguf holds no file c.gguf; its GGUF files are a.gguf, big/b-00001-of-00003.gguf, "
          + "half-00001-of-00002.gguf, z.GGUF")
      let half = try await shop.failure("owner/gguf", .gguf("half-00001-of-00002.gguf"))
      #expect(
        half?.description
          == "owner/gguf lacks half-00002-of-00002.gguf of the 2 parts of half-00001-of-00002.gguf")
      let none = try await shop.failure(HubWorkshop.name, .gguf("c.gguf"))
      #expect(none?.description == "owner/model holds no file c.gguf; it has no GGUF files at all")
      #expect(!shop.hub.log.contains { $0.path.contains("/resolve/") })
    }
  }

  @Test func `is named where a repository of such files is given as a model`() async throws {
    try await run { shop in
      let error = try await shop.failure("owner/gguf@main")
      #expect(
        error?.description
          == "owner/gguf holds no config.json: to use a GGUF file of it, give the file, such as owner/gguf/a.gguf"
      )
      shop.hub.add("owner/gguf", files: ["config.json": Data("{}".utf8)])
      let second = try await shop.failure("owner/gguf")
      #expect(second?.description.contains("holds no model.safetensors: to use a GGUF") == true)
    }
  }
}
