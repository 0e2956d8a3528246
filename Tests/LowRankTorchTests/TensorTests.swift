import LowRankTorch
import Testing

@Suite struct `Files of torch` {
  static let written = ["1.13", "2.13"].flatMap { version in
    ["zip", "legacy"].flatMap { layout in
      ["tensors", "state", "nested"].map { "\(version)-\(layout)-\($0)" }
    }
  }

  @Test(
    arguments: written + [
      "other-deflated", "other-zip64", "other-bigendian", "other-legacy-bigendian",
    ])
  func `have the tensors that torch reads from them`(name: String) throws {
    let expected = try Fixtures.expected(name)
    let read = try Fixtures.read(Fixtures.bytes(name + ".pt"))
    #expect(!expected.isEmpty && Set(read.keys) == Set(expected.keys))
    for (key, tensor) in expected { #expect(read[key] == tensor, "\(key)") }
  }

  @Test(arguments: ["zip", "legacy"])
  func `are not copied but where strides ask for it`(layout: String) throws {
    let file = try Fixtures.bytes("2.13-\(layout)-tensors.pt")
    try file.withUnsafeBytes { bytes in
      for tensor in try TorchFile(bytes, at: "file.pt").tensors {
        let isCopied = if case .memory = tensor.place { true } else { false }
        let isView = [
          "permuted", "slice", "half_transposed", "expanded", "ones_beside_strides",
          "transposed_parameter",
        ].contains(tensor.name)
        #expect(isCopied == isView, "\(tensor.name)")
      }
    }
  }

  @Test func `say which section of a checkpoint was read, and what else there is`() throws {
    let bytes = try Fixtures.bytes("2.13-zip-nested.pt")
    let file = try bytes.withUnsafeBytes { try TorchFile($0, at: "file.pt") }
    #expect(file.section == "model_state_dict")
    #expect(file.others.prefix(2) == ["epoch", "best"] && file.others.contains("optimizer"))
  }

  @Test func `name the two lines of Python where torch may still read them`() throws {
    let pickle: [UInt8] = [0x80, 2] + Array("cposix\nsystem\n.".utf8)
    let error = #expect(throws: TorchFileError.self) {
      try pickle.withUnsafeBytes { _ = try TorchFile($0, at: "a/pytorch_model.bin") }
    }
    #expect(
      error?.description == """
        a/pytorch_model.bin is a pickle, but none that torch.save wrote: it can run code when it is read
        If you trust the file, convert it in Python:
          import torch, safetensors.torch
          safetensors.torch.save_file({k: v.clone().contiguous() for k, v in torch.load("a/pytorch_model.bin", "cpu", \
        weights_only=False).items()}, "a/model.safetensors", {"format": "pt"})
        """)
  }

  @Test func `that are cut short are refused as such`() throws {
    for name in ["2.13-zip-tensors.pt", "1.13-legacy-tensors.pt"] {
      let file = try Fixtures.bytes(name)
      for count in stride(from: 20, to: file.count, by: 13) {
        let error = #expect(throws: TorchFileError.self) {
          try Array(file[..<count]).withUnsafeBytes { _ = try TorchFile($0, at: "short.pt") }
        }
        #expect(error?.isConvertible == false, "\(count) bytes")
      }
    }
  }
}
