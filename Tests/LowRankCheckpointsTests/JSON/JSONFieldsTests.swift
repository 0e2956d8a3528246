import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `The values of a JSON file` {
  let folder: TemporaryFolder
  let config: JSONFile

  init() throws {
    folder = try TemporaryFolder()
    let text = #"""
      {"hidden_size": "64", "layers": 12, "theta": 1e4, "n_inner": null, "tied": true,
       "act": "gelu", "huge": 1e999, "half": 0.5, "eos": [1, 2], "names": ["a", 1],
       "rope": {"factor": 8, "type": 3, "inner": {"x": []}}, "parts": [{"r": 1}, {"r": "x"}]}
      """#
    config = try JSONFile(at: folder.file("config.json", Array(text.utf8)))
  }

  @Test func `are read by name`() throws {
    #expect(try config.integer("layers") == 12)
    #expect(try config.integer("n_inner", default: 7) == 7)
    #expect(try config.integer("absent", default: 7) == 7)
    #expect(try config.optionalInteger("layers") == 12)
    #expect(try config.optionalInteger("absent") == nil)
    #expect(try config.double("theta") == 10_000)
    #expect(try config.double("layers") == 12)
    #expect(try config.double("absent", default: 0.5) == 0.5)
    #expect(try config.bool("tied"))
    #expect(try config.bool("absent", default: true))
    #expect(try config.string("act") == "gelu")
    #expect(try config.optionalString("n_inner") == nil)
    #expect(try config.optionalIntegers("eos") == [1, 2])
    #expect(try config.array("names") == ["a", 1])
    #expect(try config.object("rope").integer("factor") == 8)
    #expect(try config.optionalObject("absent") == nil)
    #expect(try config.objects("parts").first?.integer("r") == 1)
    #expect(config["n_inner"] == .null)
    #expect(config.allKeys.prefix(2) == ["hidden_size", "layers"])
  }

  @Test func `of the wrong kind are errors that name file, key, expected and found`() throws {
    func problem(_ read: () throws -> Any?) -> String {
      do {
        return "read \(String(describing: try read()))"
      } catch let error as JSONError {
        return error.description.hasPrefix(config.url.path + ": ") ? error.problem : "no file"
      } catch { return "\(error)" }
    }
    #expect(
      problem { try config.integer("hidden_size") }
        == "\"hidden_size\" must be an integer, found a string")
    #expect(
      problem { try config.integer("half") }
        == "\"half\" must be an integer, found the number 0.5")
    #expect(
      problem { try config.string("absent") } == "\"absent\" must be a string, but it is missing")
    #expect(
      problem { try config.bool("n_inner") } == "\"n_inner\" must be true or false, found null")
    #expect(
      problem { try config.double("huge") } == "\"huge\" must be a number, found the number 1e999")
    #expect(
      problem { try config.object("rope").string("type") }
        == "\"rope.type\" must be a string, found an integer")
    #expect(
      problem { try config.object("rope").object("inner").bool("x") }
        == "\"rope.inner.x\" must be true or false, found a list")
    #expect(
      problem { try config.optionalStrings("names") }
        == "\"names[1]\" must be a string, found an integer")
    #expect(
      problem { try config.optionalIntegers("names") }
        == "\"names[0]\" must be an integer, found a string")
    #expect(
      problem { try config.objects("eos") } == "\"eos[0]\" must be an object, found an integer")
    #expect(
      problem { try config.optionalDoubles("act") }
        == "\"act\" must be a list of numbers, found a string")
    #expect(
      problem { try config.objects("absent") }
        == "\"absent\" must be a list of objects, but it is missing")
    #expect(
      problem { try config.objects("parts")[1].integer("r") }
        == "\"parts[1].r\" must be an integer, found a string")
  }

  @Test func `are refused where the file is no object, absent or a folder`() throws {
    let list = try folder.file("list.json", Array("[1]".utf8))
    #expect(throws: JSONError(source: list.path, problem: "must be an object, found a list")) {
      try JSONFile(at: list)
    }
    #expect(throws: FileError.self) { try JSONFile(at: folder.url.appending(path: "absent.json")) }
    #expect(throws: FileError("read", folder.url.path, reason: "it is a folder")) {
      try JSONFile(at: folder.url)
    }
    let empty = try folder.file("empty.json", [])
    #expect(throws: JSONError(source: empty.path, problem: "column 1: the text is empty")) {
      try JSONFile(at: empty)
    }
  }
}
