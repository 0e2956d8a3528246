import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A safetensors file that we write` {
  let folder: TemporaryFolder
  let types: SafetensorsFile

  init() throws {
    folder = try TemporaryFolder()
    types = try SafetensorsFile(at: fixture("types.safetensors"))
  }

  @Test func `is byte for byte the one that the format's own library has read`() throws {
    let url = folder.url.appending(path: "written.safetensors")
    try SafetensorsFile.write(
      types.tensors.map { TensorSource($0) }, metadata: types.metadata, to: url)
    #expect(
      try Data(contentsOf: url) == Data(contentsOf: fixture("written.safetensors")),
      "after a change of the writer, run Oracles/safetensors_roundtrip.py on the new file")
  }

  @Test func `holds the same tensors in the same order as that library's`() throws {
    let written = try SafetensorsFile(at: fixture("written.safetensors"))
    #expect(written.names == types.names)
    #expect(written.metadata == types.metadata)
    for (ours, theirs) in zip(written.tensors, types.tensors) {
      #expect(ours.type == theirs.type)
      #expect(ours.shape == theirs.shape)
      #expect(try ours.withBytes(Array.init) == theirs.withBytes(Array.init))
    }
    #expect(written.tensors[0].range.lowerBound.isMultiple(of: 64))
  }

  @Test(arguments: 0..<70) func `begins its tensors at a multiple of 64 bytes`(length: Int) throws {
    let url = folder.url.appending(path: "\(length)")
    let name = TensorName(String(repeating: "x", count: length))
    try SafetensorsFile.write([TensorSource(name, [1], floats: [2])], to: url)
    let tensor = try #require(try SafetensorsFile(at: url)[name])
    #expect(tensor.range.lowerBound.isMultiple(of: 64))
    #expect(try tensor.floats() == [2])
  }

  @Test func `takes tensors in pieces, of any size, with any name`() throws {
    let url = folder.url.appending(path: "pieces")
    let names: [TensorName] = ["\u{e9}", "e\u{301}", "\"quoted\"\n", ""]
    let long = (0..<200_000).map { Float($0) }
    try SafetensorsFile.write(
      [
        TensorSource("pieces", .uint8, [5]) { sink in
          for piece in [[1, 2], [], [3, 4, 5]] as [[UInt8]] { try piece.withUnsafeBytes(sink) }
        }, TensorSource("long", [400, 500], floats: long),
        TensorSource("none", [0, 7], floats: []),
      ] + names.map { TensorSource($0, .int8, [], bytes: [7]) }, metadata: [:], to: url)
    let file = try SafetensorsFile(at: url)
    #expect(try file["pieces"]?.int32s() == [1, 2, 3, 4, 5])
    #expect(try file["long"]?.floats() == long)
    #expect(try file["none"]?.floats() == [])
    for name in names { #expect(try file[name]?.int32s() == [7]) }
    #expect(file.metadata.isEmpty)
  }

  @Test func `rounds to the nearest number of sixteen bits`() throws {
    let url = folder.url.appending(path: "rounded")
    let floats: [Float] =
      [1, 1.003_906_2, 1.003_907, 1.011_718_8, -0.0, .infinity, .nan, 3.4e38, 0x1p-140, 65520]
      + [Float(bitPattern: 0x7f80_0001), Float(bitPattern: 0xffff_ffff)]
    let shape = Shape([floats.count])
    try SafetensorsFile.write(
      [
        TensorSource("bf16", shape, floats: floats, as: .bfloat16),
        TensorSource("f16", shape, floats: floats, as: .float16),
      ], to: url)
    let file = try SafetensorsFile(at: url)
    for (value, float) in zip(try #require(file["bf16"]).floats(), floats) {
      guard !float.isNaN else {
        #expect(value.isNaN)
        continue
      }
      // Nearest: no neighbour is nearer, and of two equally near the even one.
      let error = abs(Double(value) - Double(float))
      for step in [UInt32(0x1_0000), 0xffff_0000] where value.isFinite {
        let neighbour = Float(bitPattern: value.bitPattern &+ step)
        let distance = abs(Double(neighbour) - Double(float))
        #expect(
          error < distance || error == distance && value.bitPattern & 0x1_0000 == 0
            || !neighbour.isFinite || float == 0)
      }
      #expect(value.isInfinite == (float.isInfinite || float == 3.4e38 && value == .infinity))
    }
    for (value, float) in zip(try #require(file["f16"]).floats(), floats) {
      #expect(value == Float(Float16(float)) || value.isNaN && float.isNaN)
    }
  }

  @Test func `has no name twice`() throws {
    let url = folder.url.appending(path: "twice")
    for name in ["a", "__metadata__"] as [TensorName] {
      let error = #expect(throws: SafetensorsError.self) {
        let tensor = TensorSource(name, .int8, [1], bytes: [1])
        try SafetensorsFile.write([tensor, tensor], to: url)
      }
      #expect(error?.problem == "two tensors cannot have the name \"\(name)\"")
    }
    #expect(try folder.contents.isEmpty)
  }

  @Test func `has no header beyond 100 MB`() throws {
    let url = folder.url.appending(path: "header")
    let name = TensorName(String(repeating: "x", count: 100_000_000))
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile.write([TensorSource(name, .int8, [1], bytes: [1])], to: url)
    }
    #expect(error?.rule == .headerLength)
  }

  @Test(arguments: [1, 1_000_000]) func `on a full disk is one sentence`(count: Int) {
    let error = #expect(throws: FileError.self) {
      try SafetensorsFile.write(
        [TensorSource("a", [count], floats: Array(repeating: 0, count: count))],
        to: URL(fileURLWithPath: "/dev/full"))
    }
    #expect(error?.description == "cannot write /dev/full: No space left on device")
  }

  @Test func `in a folder that is not there is one sentence`() {
    let url = folder.url.appending(path: "absent/file")
    let error = #expect(throws: FileError.self) { try SafetensorsFile.write([], to: url) }
    #expect(error?.description == "cannot create \(url.path): No such file or directory")
  }

  @Test(arguments: [3, 5]) func `given too few or too many bytes traps`(count: Int) async {
    await #expect(processExitsWith: .failure) { [count] in
      try SafetensorsFile.write(
        [
          TensorSource("a", .int8, [4]) {
            try Array<UInt8>(repeating: 0, count: count).withUnsafeBytes($0)
          }
        ],
        to: URL(fileURLWithPath: "/dev/null"))
    }
  }
}
