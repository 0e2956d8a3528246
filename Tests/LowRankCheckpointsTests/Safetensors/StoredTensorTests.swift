import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A stored tensor` {
  let file: SafetensorsFile
  let expected: JSONFile

  init() throws {
    file = try SafetensorsFile(at: fixture("types.safetensors"))
    expected = try JSONFile(at: fixture("types.json"))
  }

  @Test func `has the shape that the format's own library wrote`() throws {
    let shapes = try expected.object("shapes")
    #expect(Set(shapes.allKeys) == Set(file.names.map(\.text)))
    for tensor in file.tensors {
      #expect(try shapes.optionalIntegers(tensor.name.text) == tensor.shape.extents)
    }
    #expect(file.metadata["made by"] == "Oracles/safetensors_fixtures.py")
  }

  @Test(arguments: [
    "f64", "f32", "f16", "bf16", "i64", "i32", "i16", "i8", "u8", "bool", "scalar", "empty",
  ]) func `reads as the same numbers as there`(name: String) throws {
    let numbers = try #require(try expected.object("floats").optionalDoubles(name))
    #expect(try #require(file[TensorName(name)]).floats() == numbers.map(Float.init))
  }

  @Test func `of integers keeps every digit`() throws {
    #expect(try file["i64"]?.int64s() == [-(1 << 62), 7, 1 << 31])
    #expect(try file["i32"]?.int32s() == [.min, 7])
    #expect(try file["i16"]?.int32s() == [-32768, 7])
    #expect(try file["i8"]?.int32s() == [-128, 127])
    #expect(try file["u8"]?.int64s() == [0, 255])
    #expect(try file["bool"]?.int64s() == [1, 0, 1])
  }

  @Test func `of a type that does not fit is refused by name`() throws {
    func problem(_ read: () throws -> Any?) -> String? {
      #expect(throws: SafetensorsError.self) { _ = try read() }?.problem
    }
    #expect(
      problem { try file["f8"]?.floats() }
        == "tensor \"f8\" is stored as F8_E4M3, which cannot be read as numbers")
    #expect(
      problem { try file["u16"]?.floats() }
        == "tensor \"u16\" is stored as U16, which cannot be read as numbers")
    #expect(
      problem { try file["f32"]?.int64s() }
        == "tensor \"f32\" is stored as F32, which cannot be read as integers")
    #expect(
      problem { try file["i64"]?.int32s() }
        == "tensor \"i64\" holds -4611686018427387904, beyond 32 bits")
  }

  @Test func `of half precision reads every bit pattern`() throws {
    let folder = try TemporaryFolder()
    let patterns = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let text = header(dtype: "\"F16\"", shape: "[65536]", offsets: "[0,131072]")
    let url = try folder.file("half.safetensors", safetensors(text) + patterns)
    let floats = try #require(try SafetensorsFile(at: url)["a"]).floats()
    for (pattern, float) in zip(0...UInt16.max, floats) {
      let half = Float(Float16(bitPattern: pattern))
      #expect(float.bitPattern == half.bitPattern || float.isNaN && half.isNaN, "\(pattern)")
    }
  }

  @Test func `is read where it lies, aligned or not`() throws {
    let folder = try TemporaryFolder()
    for padding in 0..<4 {
      let text = header() + String(repeating: " ", count: padding)
      let bytes = safetensors(text) + [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc1]
      let url = try folder.file("\(padding).safetensors", bytes)
      #expect(try SafetensorsFile(at: url)["a"]?.floats() == [1, -10])
    }
  }

  @Test func `whose file was replaced stays readable, whose file was changed is refused`() throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("x.safetensors", safetensors(header(), data: 8))
    let tensor = try #require(try SafetensorsFile(at: url)["a"])
    try Data("something else".utf8).write(to: url, options: .atomic)
    #expect(try tensor.floats().count == 2)

    let second = try folder.file("y.safetensors", safetensors(header(), data: 8))
    let changed = try #require(try SafetensorsFile(at: second)["a"])
    #expect(truncate(second.path, 10) == 0)
    #expect(throws: FileError("read", second.path, reason: "it changed while it was open")) {
      try changed.floats()
    }
  }

  @Test func `lends its bytes and names its type`() throws {
    let tensor = try #require(file["bf16"])
    #expect(tensor.type == .bfloat16)
    #expect(tensor.type.elementType == .bfloat16)
    #expect(tensor.byteCount == 12)
    #expect(try tensor.withBytes { Array($0.prefix(2)) } == [0x20, 0xc0])
  }
}

@Suite struct `A tensor's name` {
  @Test func `is compared and cut by bytes`() {
    let name: TensorName = "model.layers.0.e\u{301}"
    #expect(name != "model.layers.0.\u{e9}")
    #expect(name.droppingPrefix("model.") == "layers.0.e\u{301}")
    #expect(name.droppingPrefix("bert.") == nil)
    #expect(name.hasSuffix("\u{301}"))
    #expect(name.droppingSuffix(".weight") == nil)
    #expect(TensorName("a.weight").droppingSuffix(".weight") == "a")
    #expect(
      ["b", "a", "\u{e9}", "e\u{301}"].sorted() as [TensorName] == ["a", "b", "e\u{301}", "\u{e9}"])
  }
}
