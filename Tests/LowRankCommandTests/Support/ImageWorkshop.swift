import Foundation
import LowRank
import LowRankTesting
import Testing

/// A folder with a tiny model of images and images of four classes, made for one test.
///
/// A class says where an image is light: at the top, at the bottom, on the left or on the right.
final class ImageWorkshop {
  let root = FileManager.default.temporaryDirectory.appending(path: "lowrank-workshop-\(UUID())")

  static let classes = ["bottom", "left", "right", "top"]
  private static let size = 12

  /// Makes the configuration of a small ViT with random weights, and images in `old` and `new`, two classes each.
  ///
  /// - Parameter className: the class of transformers that the configuration names.
  init(model kind: String = "vit", as className: String? = nil) throws {
    var config: JSONObject = [
      "model_type": .string(kind), "hidden_size": 16, "intermediate_size": 24,
      "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": .integer(Self.size),
      "patch_size": 4, "initializer_range": 0.2,
    ]
    if let className { config["architectures"] = [.string(className)] }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    try JSONValue.object(config).write(to: root.appending(path: "config.json"))
    let model = try Model(
      random: JSONFile(config, at: root), seed: 5, precision: .float32, engine: CPUEngine())
    try model.save(to: self.model)
    try JSONValue.object(
      ImageProcessor(size: .init(width: Self.size, height: Self.size)).json
    ).write(to: self.model.appending(path: "preprocessor_config.json"))
    var random = Philox(key: 1)
    for (folder, classes) in [("old", Self.classes.prefix(2)), ("new", Self.classes.suffix(2))] {
      for (split, count) in [("train", 12), ("valid", 6)] {
        for name in classes {
          for number in 0..<count {
            try put(
              Self.image(name, &random), at: "\(folder)/\(split)/\(name)/\(number).png")
          }
        }
      }
    }
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var model: URL { root.appending(path: "model") }
  func place(_ name: String) -> URL { root.appending(path: name) }

  /// Writes a file, and the folders that it lies in.
  func put(_ bytes: [UInt8], at path: String) throws {
    let file = place(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  /// The flags of a short run.
  func training(into adapter: String, on data: String = "new", _ more: String...) -> [String] {
    [
      "train", "--task", "image-classification", "--model", model.path, "--data",
      place(data).path, "--adapter-path", place(adapter).path, "--rank", "2", "--batch-size", "8",
      "--learning-rate", "0.02", "--precision", "f32", "--json",
    ] + more
  }

  /// What a verb answers on the model.
  func ask(_ verb: String, _ more: String...) throws -> Lowrank {
    try Lowrank([verb, "--model", model.path, "--precision", "f32", "--json"] + more)
  }

  /// An adapter that was trained on the new classes.
  func trained(_ name: String = "a") throws -> URL {
    let answer = try Lowrank(training(into: name, on: "new", "--iters", "40"))
    #expect(answer.status == 0, "\(answer.errors)")
    return place(name)
  }

  /// A grey PNG file of noise that is light on one side.
  private static func image(_ name: String, _ random: inout Philox) -> [UInt8] {
    var lines: [UInt8] = []
    for y in 0..<size {
      lines.append(0)
      for x in 0..<size {
        let isLight =
          switch name {
          case "top": y < size / 2
          case "bottom": y >= size / 2
          case "left": x < size / 2
          default: x >= size / 2
          }
        lines.append(UInt8((isLight ? 130 : 0) + random.integer(below: 120)))
      }
    }
    return png(width: size, height: size, lines: lines)
  }

  /// A grey PNG file of filtered lines, stored without compression.
  static func png(width: Int, height: Int, lines: [UInt8]) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let named = Array(name.utf8) + content
      var sum = UInt32.max
      for byte in named {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
      }
      return big(UInt32(content.count)) + named + big(~sum)
    }
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in lines {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    let count = UInt16(lines.count)
    let block =
      [0x78, 1, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
      + lines + big(b << 16 | a)
    let header = big(UInt32(width)) + big(UInt32(height)) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header)
      + chunk("IDAT", block) + chunk("IEND", [])
  }
}
