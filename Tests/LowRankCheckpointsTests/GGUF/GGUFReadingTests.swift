import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `The reader of GGUF` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func open(_ bytes: [UInt8]) throws -> GGUFFile {
    try GGUFFile(at: folder.file("x.gguf", bytes))
  }

  /// What it says of bytes that break a rule.
  func problem(_ bytes: [UInt8]) throws -> String {
    do {
      _ = try open(bytes)
      return ""
    } catch let error as GGUFError {
      return error.problem
    }
  }

  @Test func `reads every type of value`() throws {
    var made = GGUFBytes.one
    made.values = [
      ("u8", little(UInt32(0)) + [200]), ("i8", little(UInt32(1)) + [0xff]),
      ("u16", little(UInt32(2)) + little(UInt16(60_000))),
      ("i16", little(UInt32(3)) + little(Int16(-5))),
      ("u32", little(UInt32(4)) + little(UInt32.max)),
      ("i32", little(UInt32(5)) + little(Int32(-7))),
      ("f32", little(UInt32(6)) + little(Float(0.5).bitPattern)), ("yes", little(UInt32(7)) + [1]),
      ("text", little(UInt32(8)) + text("été")),
      ("list", little(UInt32(9)) + little(UInt32(8)) + little(UInt64(2)) + text("a") + text("b")),
      ("u64", little(UInt32(10)) + little(UInt64.max)),
      ("i64", little(UInt32(11)) + little(Int64.min)),
      ("f64", little(UInt32(12)) + little(0.25.bitPattern)),
    ]
    let file = try open(made.bytes)
    let expected: [GGUFValue] = [
      .unsigned(200), .signed(-1), .unsigned(60_000), .signed(-5), .unsigned(UInt64(UInt32.max)),
      .signed(-7), .float32(0.5), .bool(true), .string("été"),
      .array([.string("a"), .string("b")]),
      .unsigned(.max), .signed(.min), .float64(0.25),
    ]
    #expect(file.metadata.map(\.value) == expected)
    #expect(file["u64"]?.integer == nil && file["f32"]?.double == 0.5)
    #expect(file.tensors.map(\.name) == ["a"] && file.tensors[0].shape == [2, 2])
  }

  @Test func `reads what it writes, extents and bytes`() throws {
    let url = folder.url.appending(path: "w.gguf")
    let numbers: [Float] = [1, -2, 3.5, 0, 65504, -0.25]
    let types: [StoredType] = [.float32, .float16, .bfloat16]
    try GGUFFile.write(
      types.map { type in
        TensorSource(TensorName("t.\(type.rawValue)"), [2, 3], floats: numbers, as: type)
      },
      metadata: [
        ("general.type", .string("adapter")), ("n", .unsigned(1 << 40)), ("x", .float32(0.1)),
        ("list", .array([.unsigned(1), .unsigned(2)])), ("i", .signed(-1)), ("b", .bool(false)),
        ("d", .float64(0.1)),
      ], to: url)
    let file = try GGUFFile(at: url)
    #expect(file.tensors.map(\.type) == types && file.tensors.allSatisfy { $0.shape == [2, 3] })
    #expect(try file.tensors[0].floats() == numbers && file.tensors[1].floats() == numbers)
    #expect(file.tensors.allSatisfy { $0.range.lowerBound % 32 == 0 })
    #expect(file["n"] == .unsigned(1 << 40) && file["x"] == .float32(0.1))
    #expect(file["list"] == .array([.unsigned(1), .unsigned(2)]) && file["b"] == .bool(false))
    #expect(file["i"] == .signed(-1) && file["d"] == .float64(0.1))
    #expect(GGUFFile.isGGUF(url) && !GGUFFile.isGGUF(folder.url))
    #expect(throws: GGUFError.self) {
      try GGUFFile.write(
        [TensorSource("a", .int32, [1], bytes: [0, 0, 0, 0])], metadata: [], to: url)
    }
  }

  @Test func `refuses impossible counts, lengths and types`() throws {
    func says(_ sentence: String, _ change: (inout GGUFBytes) -> Void) throws {
      var made = GGUFBytes.one
      change(&made)
      let found = try problem(made.bytes)
      #expect(found.contains(sentence), "\(found)")
    }
    try says("does not begin with the letters GGUF") { $0.magic = Array("FUGG".utf8) }
    for version in [0, 1, 4, 0x0300_0000] as [UInt32] {
      try says("version \(version) is not supported") { $0.version = version }
    }
    try says("tensors do not fit") { $0.tensorCount = .max }
    try says("tensors do not fit") { $0.tensorCount = 1 << 40 }
    try says("metadata do not fit") { $0.valueCount = 1 << 60 }
    try says("do not fit into") {
      $0.values = [("", []), ("a", little(UInt32(8)) + little(UInt64.max))]
    }
    try says("unknown type 13") { $0.values = [("a", little(UInt32(13)))] }
    try says("neither true nor false") { $0.values = [("a", little(UInt32(7)) + [2])] }
    try says("elements of \"a\" do not fit") {
      $0.values = [("a", little(UInt32(9)) + little(UInt32(0)) + little(UInt64(1) << 62))]
    }
    try says("list of lists") {
      $0.values = [("a", little(UInt32(9)) + little(UInt32(9)) + little(UInt64(1)))]
    }
    try says("\"a\" occurs twice") {
      $0.values = [("a", little(UInt32(0)) + [1]), ("a", little(UInt32(0)) + [1])]
    }
    try says("not UTF-8") { $0.values = [("a", little(UInt32(8)) + little(UInt64(1)) + [0xff])] }
    for alignment in [0, 3, 1 << 20] as [UInt32] {
      try says("must be a power of two") {
        $0.values = [("general.alignment", little(UInt32(4)) + little(alignment))]
      }
    }
  }

  @Test func `refuses impossible tensors`() throws {
    func says(_ sentence: String, _ tensors: [[UInt8]], data: Int = 32) throws {
      let made = GGUFBytes(tensors: tensors, data: Array(repeating: 0, count: data))
      let found = try problem(made.bytes)
      #expect(found.contains(sentence), "\(found)")
    }
    try says("0 dimensions", [GGUFBytes.tensor("a", [])])
    try says("5 dimensions", [GGUFBytes.tensor("a", [1, 1, 1, 1, 1])])
    try says("an extent of 0", [GGUFBytes.tensor("a", [0, 2])])
    try says("an extent of 18446744073709551615", [GGUFBytes.tensor("a", [.max, 2])])
    try says("larger than any file", [GGUFBytes.tensor("a", [1 << 40, 1 << 40])])
    try says("larger than any file", [GGUFBytes.tensor("a", [1 << 62, 2])])
    try says("IQ1_S (type 19 of GGML)", [GGUFBytes.tensor("a", [32, 1], type: 19)])
    try says("no whole blocks of 256", [GGUFBytes.tensor("a", [32, 8], type: 12)])
    try says("cut short", [GGUFBytes.tensor("a", [9, 1])])
    try says("cut short", [GGUFBytes.tensor("a", [1, 1], offset: 1 << 63)])
    try says("no multiple of 32", [GGUFBytes.tensor("a", [1, 1], offset: 4)])
    try says("two tensors have the name", [GGUFBytes.tensor("a", [1]), GGUFBytes.tensor("a", [1])])
    try says("overlap", [GGUFBytes.tensor("a", [1]), GGUFBytes.tensor("b", [1])])
    try says("bytes follow the last tensor", [GGUFBytes.tensor("a", [1])], data: 64)
    #expect(
      try problem(GGUFBytes(tensors: [GGUFBytes.tensor("a", [1])]).bytes).contains("cut short"))
  }

  @Test func `says how much of a file is there`() throws {
    let url = folder.url.appending(path: "w.gguf")
    try GGUFFile.write(
      [TensorSource("a", [64, 8], floats: Array(repeating: 1, count: 512))],
      metadata: [("general.type", .string("model"))], to: url)
    let whole = try Data(contentsOf: url)
    for missing in [1, 500, 2047] {
      let count = whole.count - missing
      #expect(
        try problem(Array(whole.prefix(count))).hasSuffix(
          "the file is cut short: \(count) of \(whole.count) bytes are there; copy or download it again"
        ))
    }
  }

  @Test func `never reads beyond a file that was cut or changed anywhere`() throws {
    let url = folder.url.appending(path: "w.gguf")
    try GGUFFile.write(
      [TensorSource("blk.0.attn_q.weight.lora_a", [2, 3], floats: [1, 2, 3, 4, 5, 6])],
      metadata: [
        ("general.type", .string("adapter")), ("l", .array([.string("a"), .string("b")])),
      ],
      to: url)
    let whole = Array(try Data(contentsOf: url))
    for count in 0..<whole.count - 31 {
      #expect(throws: GGUFError.self) { try open(Array(whole.prefix(count))) }
    }
    for position in 0..<whole.count {
      for byte in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
        var changed = whole
        changed[position] = byte
        do {
          for tensor in try open(changed).tensors { _ = try tensor.floats() }
        } catch is GGUFError {}
      }
    }
  }
}
