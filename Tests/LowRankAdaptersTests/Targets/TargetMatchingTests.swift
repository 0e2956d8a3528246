import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// What PEFT's rules select; Oracles/target_matching_fixture.py asked PEFT itself.
@Suite struct `A target of a PEFT configuration` {
  @Test(arguments: try TargetCase.all)
  func `selects what PEFT selects, with its ranks and scales`(_ example: TargetCase) throws {
    let adapter: Adapter
    do {
      adapter = try Adapter(
        on: example.model, tolerating: AdapterConfiguration(peft: example.config))
    } catch {
      #expect(example.matched == nil, "\(error)")
      return
    }
    var found: [String: RankAndScale] = [:]
    for site in adapter.sites {
      found[site.path] = RankAndScale(rank: site.rank, scale: site.scale)
    }
    for (path, update) in adapter.embeddings {
      found[path] = RankAndScale(rank: update.up.shape[1], scale: update.scale)
    }
    #expect(found == example.matched)
  }
}

struct RankAndScale: Hashable, Sendable {
  let rank: Int
  let scale: Float
}

/// A configuration with the modules that PEFT adapted; none where it refused.
struct TargetCase: CustomTestStringConvertible, Sendable {
  let modelName: String
  let object: JSONObject
  let matched: [String: RankAndScale]?

  var testDescription: String { "\(modelName) \(JSONValue.object(object).text())" }

  /// All cases but those that leave the target to PEFT's table of architectures, which no saved adapter does.
  static var all: [TargetCase] {
    get throws {
      let url = AdapterFixture.root.appending(path: "target_matching.json")
      return try JSONFile(at: url).objects("cases").map(TargetCase.init)
        .filter { $0.object["target_modules"] != nil }
    }
  }

  private init(_ section: JSONSection) throws {
    modelName = try section.string("model")
    object = try section.object("config").object
    matched = try section.optionalObject("matched").map { table in
      var matched: [String: RankAndScale] = [:]
      for path in table.allKeys {
        let entry = try table.object(path)
        matched[path] = RankAndScale(
          rank: try entry.integer("r"), scale: Float(try entry.double("scaling")))
      }
      return matched
    }
  }

  /// The model with as many layers as the table has.
  var model: Model {
    get throws {
      let engine = CPUEngine()
      return modelName == "gpt2"
        ? try TinyModels.gpt2(on: engine, changing: ["n_layer": 12])
        : try TinyModels.llama(
          on: engine, changing: ["model_type": "qwen2", "num_hidden_layers": 12])
    }
  }

  var config: JSONFile {
    var object: JSONObject = ["peft_type": "LORA", "r": 8, "lora_alpha": 16]
    for (key, value) in self.object.entries { object[key] = value }
    return JSONFile(object, at: URL(filePath: "adapter_config.json"))
  }
}
