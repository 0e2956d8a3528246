import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

/// The eight rules of the format, each with byte strings that break it.
@Suite struct `The reader of safetensors` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(at: folder.file("x.safetensors", bytes))
  }

  func rule(_ bytes: [UInt8]) throws -> SafetensorsError.Rule? {
    do {
      _ = try open(bytes)
      return nil
    } catch let error as SafetensorsError {
      return error.rule
    }
  }

  @Test(
    arguments: [
      [], [0], Array(repeating: 0, count: 7), littleEndian(0).dropLast(),
      littleEndian(100_000_001) + Array("{}".utf8), littleEndian(.max) + Array("{}".utf8),
      littleEndian(1 << 63) + Array("{}".utf8), littleEndian(3) + Array("{}".utf8),
      Array("<!DOCTYPE html><html></html>".utf8), Array("version https://git-lfs".utf8),
    ] as [[UInt8]]) func `refuses a header of impossible length`(bytes: [UInt8]) throws
  {
    #expect(try rule(bytes) == .headerLength)
  }

  @Test(arguments: [
    littleEndian(0), safetensors("not json"), safetensors("[]"), safetensors("null"),
    safetensors("{"), safetensors("{}\0\0"), safetensors("{} x"), safetensors("\u{feff}{}"),
    safetensors([0x7b, 0xff, 0x7d]), safetensors([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    safetensors("{\"a\":" + String(repeating: "[", count: 200_000)),
    safetensors(String(repeating: "{\"a\":", count: 200_000)),
    safetensors(
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1),
    safetensors(
      #"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1),
    safetensors(#"{"__metadata__":{"a":"b","a":"c"}}"#),
  ]) func `refuses a header that is not one object without duplicate keys`(bytes: [UInt8]) throws {
    #expect(try rule(bytes) == .headerText)
  }

  @Test(arguments: [
    #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":{"a":null}}"#, #"{"__metadata__":["a"]}"#,
    #"{"__metadata__":"a"}"#, #"{"__metadata__":{"a":{"b":"c"}}}"#,
  ]) func `refuses metadata that are not strings`(text: String) throws {
    #expect(try rule(safetensors(text)) == .metadata)
  }

  @Test(arguments: [
    #"{"a":1}"#, #"{"a":["F32",[2],[0,8]]}"#, #"{"a":{}}"#,
    #"{"a":{"dtype":"F32","shape":[2]}}"#, #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#,
    header(dtype: "\"F37\""), header(dtype: "\"f32\""), header(dtype: "4"),
    header(shape: "2"), header(shape: "[-2]"), header(shape: "[2.0]"), header(shape: "[1e30]"),
    header(shape: "[1000000000000000000000000000000]"), header(shape: "[\"2\"]"),
    header(shape: "[18446744073709551615]"),
    header(offsets: "[-8,0]"), header(offsets: "[8,0]"), header(offsets: "[0.0,8.0]"),
    header(offsets: "[0]"), header(offsets: "[0,8,8]"), header(offsets: "[0,1e1]"),
    header(offsets: "[0,18446744073709551624]"), header(offsets: "null"),
  ]) func `refuses a tensor without a known type, a shape and two offsets`(text: String) throws {
    #expect(try rule(safetensors(text, data: 8)) == .entry)
  }

  @Test(arguments: [
    // A hole at the beginning, a hole between, an overlap, the same bytes twice.
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#, 3
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 2
    ),
  ]) func `refuses holes and overlaps`(text: String, data: Int) throws {
    #expect(try rule(safetensors(text, data: data)) == .layout)
  }

  @Test(arguments: [
    header(shape: "[3]"), header(shape: "[1]"), header(shape: "[]"), header(shape: "[2,2]"),
    header(shape: "[0]"), header(dtype: "\"F64\""), header(dtype: "\"F4\"", shape: "[3]"),
    header(shape: "[4294967296,4294967296]"), header(shape: "[2305843009213693954]"),
    header(shape: "[4611686018427387904,4]"), header(shape: "[0,4611686018427387904,8]"),
    header(shape: "[9223372036854775807]"),
  ]) func `refuses a size that is not the shape's, and shapes that overflow`(text: String) throws {
    #expect(try rule(safetensors(text, data: 8)) == .size)
  }

  @Test(arguments: [0, 7, 9, 100]) func `refuses a file that ends elsewhere`(data: Int) throws {
    #expect(try rule(safetensors(header(), data: data)) == .end)
    #expect(try rule(safetensors("{}", data: data)) == (data == 0 ? nil : .end))
  }

  @Test func `accepts scalars, empty tensors, white space and an unused key`() throws {
    #expect(try open(safetensors("{}")).tensors.isEmpty)
    #expect(try open(safetensors(" \t\r\n{}  ")).tensors.isEmpty)
    #expect(try open(safetensors(#"{"__metadata__":null}"#)).metadata.isEmpty)
    let scalar = try open(safetensors(header(shape: "[]", offsets: "[0,4]"), data: 4))
    #expect(scalar["a"]?.shape == [])
    let empty = try open(
      safetensors(
        #"{"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2,0],"#
          + #""data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[1,1],"x":1}}"#,
        data: 1))
    #expect(empty.names == ["b", "c", "a"])
    #expect(try empty["b"]?.floats() == [])
    #expect(try open(safetensors(#"{"__metadata__":{"k":"v"}}"#)).metadata["k"] == "v")
  }

  @Test func `keeps canonically equal names apart`() throws {
    let file = try open(
      safetensors(
        "{\"\u{e9}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
          + "\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", data: 2))
    #expect(try file["\u{e9}"]?.int32s() == [0])
    #expect(try file["e\u{301}"]?.int32s() == [1])
  }

  @Test func `refuses a file cut short anywhere, and survives any changed byte`() throws {
    let bytes = Array(try Data(contentsOf: fixture("types.safetensors")))
    for count in 0..<bytes.count {
      let rule = try rule(Array(bytes.prefix(count)))
      #expect(rule == .headerLength || rule == .end, "cut to \(count) bytes")
    }
    for position in 0..<(8 + Int(bytes[0]) + Int(bytes[1]) << 8) {
      for flip in [1, 0x80] as [UInt8] {
        var changed = bytes
        changed[position] ^= flip
        // Most changes are faults; those of names and spaces are not. None may trap.
        for tensor in (try? open(changed))?.tensors ?? [] { _ = try? tensor.floats() }
      }
    }
  }

  @Test func `says which file and what to expect`() throws {
    let url = try folder.file("model.safetensors", littleEndian(500) + Array("{}".utf8))
    let error = try #require(throws: SafetensorsError.self) { try SafetensorsFile(at: url) }
    #expect(
      error.description
        == "\(url.path): the header claims 500 bytes, but 2 follow: the file is cut short")
  }
}
