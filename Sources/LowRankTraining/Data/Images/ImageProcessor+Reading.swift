import Foundation
import LowRankCheckpoints
import LowRankImages

extension ImageProcessor {
  /// The name of the file beside a model's weights.
  public static let fileName = "preprocessor_config.json"

  /// Reads the `preprocessor_config.json` of a model's folder; absent keys have the defaults of transformers' class.
  ///
  /// - Throws: `DataError` where there is none, `JSONError` for a value of the wrong kind, `FileError`.
  public init(inModelFolder folder: URL) throws {
    let url = folder.appending(path: Self.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw DataError(
        folder.relativePath,
        "there is no \(Self.fileName), which says how images are resized and normalised")
    }
    try self.init(JSONFile(at: url))
  }

  /// Reads a processor's keys.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, or one that no processor of ViT and DeiT has.
  public init(_ config: some JSONFields) throws {
    let isDeiT = try Self.isDeiT(config)
    size =
      try config.bool("do_resize", default: true)
      ? config.size("size", default: isDeiT ? 256 : 224) : nil
    crop =
      try config.bool("do_center_crop", default: isDeiT)
      ? config.size("crop_size", default: 224) : nil
    let number = try config.integer("resample", default: isDeiT ? 3 : 2)
    guard let filter = ResamplingFilter(rawValue: number) else {
      throw config.error(
        "resample",
        "is \(number), expected a filter that weighs samples: 1 (Lanczos) to 5 (Hamming)"
      )
    }
    self.filter = filter
    scale =
      try config.bool("do_rescale", default: true)
      ? config.double("rescale_factor", default: 1 / 255.0) : 1
    let normalizes = try config.bool("do_normalize", default: true)
    mean = try config.channels("image_mean", default: 0.5, unless: normalizes ? nil : 0)
    deviation = try config.channels("image_std", default: 0.5, unless: normalizes ? nil : 1)
    guard deviation.allSatisfy({ $0 > 0 }) else {
      throw config.error("image_std", "holds a number that is not positive")
    }
    guard scale.isFinite, scale > 0 else {
      throw config.error("rescale_factor", "is \(scale), expected a positive number")
    }
  }

  /// The keys of `preprocessor_config.json`.
  public var json: JSONObject {
    func object(_ size: Size) -> JSONValue {
      ["height": .integer(size.height), "width": .integer(size.width)]
    }
    return [
      "image_processor_type": .string(crop == nil ? "ViTImageProcessor" : "DeiTImageProcessor"),
      "do_resize": .bool(size != nil), "size": size.map(object) ?? .null,
      "resample": .integer(filter.rawValue),
      "do_center_crop": .bool(crop != nil), "crop_size": crop.map(object) ?? .null,
      "do_rescale": true, "rescale_factor": .double(scale),
      "do_normalize": true,
      "image_mean": .array(mean.map { .double($0) }),
      "image_std": .array(deviation.map { .double($0) }),
    ]
  }

  private static func isDeiT(_ config: some JSONFields) throws -> Bool {
    for key in ["image_processor_type", "feature_extractor_type"] {
      guard let name = try config.optionalString(key) else { continue }
      let kinds = ["ImageProcessor", "ImageProcessorFast", "ImageProcessorPil", "FeatureExtractor"]
      if kinds.contains(where: { name == "ViT" + $0 }) { return false }
      if kinds.contains(where: { name == "DeiT" + $0 }) { return true }
      throw config.error(key, "is \"\(name)\", expected a processor of ViT or DeiT")
    }
    return false
  }
}

extension JSONFields {
  /// Height and width, or one number for both, as older processors have it.
  fileprivate func size(_ key: String, default fallback: Int) throws -> ImageProcessor.Size {
    let most = 1 << 14
    func checked(_ height: Int, _ width: Int) throws -> ImageProcessor.Size {
      guard (1...most).contains(height), (1...most).contains(width) else {
        throw error(key, "is \(height) × \(width), expected 1 to \(most) pixels")
      }
      return .init(width: width, height: height)
    }
    if case .number? = self[key] {
      let side = try integer(key)
      return try checked(side, side)
    }
    guard let object = try optionalObject(key) else { return try checked(fallback, fallback) }
    guard object["height"] != nil, object["width"] != nil else {
      throw error(
        key, "has \(object.allKeys.joined(separator: " and ")), expected height and width")
    }
    return try checked(object.integer("height"), object.integer("width"))
  }

  /// One number for each channel, or one for all.
  fileprivate func channels(
    _ key: String, default fallback: Double, unless fixed: Double?
  ) throws -> [Double] {
    if let fixed { return [fixed, fixed, fixed] }
    guard let value = self[key], value != .null else { return [fallback, fallback, fallback] }
    if let number = value.double { return [number, number, number] }
    let numbers = value.array?.compactMap(\.double) ?? []
    guard numbers.count == 3, numbers.count == value.array?.count else {
      throw error(key, "must be a number for each of red, green and blue")
    }
    return numbers
  }
}
