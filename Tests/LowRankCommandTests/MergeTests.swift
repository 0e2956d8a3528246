import Foundation
import LowRank
import Testing

@Suite struct `lowrank merge` {
  private let workshop: AdapterWorkshop

  init() throws { workshop = try AdapterWorkshop() }

  private func merge(into place: String, _ more: String...) throws -> Lowrank {
    try Lowrank(
      [
        "merge", "--model", workshop.model.path, "--adapter", workshop.adapter.path, "--output",
        workshop.workshop.place(place).path,
      ] + more)
  }

  @Test func `prints and keeps how far the written model is from base and adapter`() throws {
    for type in ["f32", "bf16"] {
      let json = try merge(into: type, "--dtype", type, "--json").json()
      let file = workshop.workshop.place(type).appending(path: "lowrank.json")
      let kept = try #require(JSONFile(at: file).object["merge"]?.object)
      for key in ["kl", "largest_logit_difference", "adapter_kl", "max_kl", "tokens"] {
        #expect(json[key] == kept[key] && json[key]?.double != nil, "\(key)")
      }
      #expect(json["samples"]?.string == "sample texts")
      #expect(try #require(json["kl"]?.double) < #require(json["adapter_kl"]?.double) / 10)
    }
  }

  @Test func `exits 1 beyond its limits and leaves nothing`() throws {
    for flags in [["--max-kl", "1e-15"], ["--max-logit-difference", "0"]] {
      let answer = try merge(into: "merged", "--dtype", "bf16", flags[0], flags[1])
      #expect(answer.status == 1)
      #expect(answer.errors.contains("so nothing was written"), "\(answer.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: workshop.workshop.root.path)
      #expect(left.sorted() == ["adapter", "data", "model"])
    }
    #expect(try merge(into: "merged", "--max-kl", "-1").status == 2)
  }

  @Test(arguments: [
    "model", "model/merged", ".", "link", "link/merged", "around", "model/../model",
    "link/../model",
    "nowhere/../model",
  ])
  func `never overwrites the base`(_ place: String) throws {
    let root = workshop.workshop.root
    for (name, target) in [("link", "model"), ("around", ".")] {
      try FileManager.default.createSymbolicLink(
        atPath: root.appending(path: name).path, withDestinationPath: target)
    }
    let before = try ModelFolder(at: workshop.model).fingerprint()
    for flags in [[], ["--overwrite"]] {
      let answer = try merge(into: place, "--json", flags.first ?? "--seed=1")
      #expect(answer.status == 1 || answer.status == 2, "\(answer.errors)")
      #expect(answer.errors.contains("error: "))
    }
    #expect(try ModelFolder(at: workshop.model).fingerprint() == before)
    let content = try FileManager.default.contentsOfDirectory(atPath: workshop.model.path)
    #expect(content.sorted() == ["config.json", "model.safetensors", "tokenizer.json"])
  }

  @Test func `says that it does not mean another model folder unless told`() throws {
    #expect(try merge(into: "merged").status == 0)
    let again = try merge(into: "merged")
    #expect(again.status == 1 && again.errors.contains("--overwrite"))
    #expect(try merge(into: "merged", "--overwrite").status == 0)
  }
}
