import Foundation
import LowRankCheckpoints
import LowRankImages
import LowRankTraining
import LowRankTransformers
import Testing

/// Numbers that transformers' processors on Pillow made of an image; Oracles/images_fixture.py made them.
@Suite struct `A processor of images` {
  private static func folder() throws -> URL {
    try #require(Bundle.module.resourceURL).appending(path: "Fixtures/images")
  }

  @Test(arguments: ["vit", "deit", "padded", "mean", "plain"])
  func `gives the numbers of transformers`(_ name: String) throws {
    let folder = try Self.folder()
    let processor = try ImageProcessor(JSONFile(at: folder.appending(path: "\(name).json")))
    let bytes = try Data(contentsOf: folder.appending(path: "image.png"))
    let image = try bytes.withUnsafeBytes { bytes throws(ImageError) in
      try RGBImage(decoding: bytes)
    }
    let all = try JSONFile(at: folder.appending(path: "expected.json")).object("processors")
    let expected = try all.object(name)
    let (height, width) = (try expected.integer("height"), try expected.integer("width"))
    if let size = processor.outputSize { #expect(size.height == height && size.width == width) }
    let pixels = processor.pixels(of: image)
    let wanted = try expected.array("pixels").compactMap(\.double)
    #expect(pixels.count == 3 * height * width && pixels.count == wanted.count)
    let difference = zip(pixels, wanted).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(difference < 1e-6)
    // What is written says the same.
    let again = try ImageProcessor(JSONFile(processor.json, at: folder))
    #expect(again == processor)
  }

  @Test func `has the defaults of its class, and reads one number for a square`() throws {
    func processor(_ values: JSONObject) throws -> ImageProcessor {
      try ImageProcessor(JSONFile(values, at: URL(filePath: "p.json")))
    }
    let vit = try processor(["feature_extractor_type": "ViTFeatureExtractor", "size": 32])
    #expect(vit == ImageProcessor(size: .init(width: 32, height: 32)))
    let deit = try processor(["image_processor_type": "DeiTImageProcessorFast"])
    #expect(deit.size == .init(width: 256, height: 256))
    #expect(deit.crop == .init(width: 224, height: 224) && deit.filter == .bicubic)
  }

  @Test(arguments: refusals)
  func `refuses what it cannot do`(values: JSONObject, sentence: String) {
    let text = message { try ImageProcessor(JSONFile(values, at: URL(filePath: "p.json"))) }
    #expect(text == "p.json: \(sentence)")
  }

  @Test func `fits the positions of the model`() throws {
    let processor = ImageProcessor(size: .init(width: 8, height: 8))
    let input = ImageInput(width: 12, height: 8, patchWidth: 4, patchHeight: 4, specials: 1)
    let text = message { try ImageEncoder(processor, for: input, of: "models/vit") }
    #expect(
      text
        == "models/vit: preprocessor_config.json makes images of 8 × 8 pixels, but the model's positions are for 8 × 12, its image_size; give images of that size"
    )
    let missing = message { try ImageProcessor(inModelFolder: URL(filePath: "nowhere")) }
    #expect(
      missing
        == "nowhere: there is no preprocessor_config.json, which says how images are resized and normalised"
    )
  }
}

/// What is refused, with the sentence about it.
private let refusals: [(JSONObject, String)] = [
  (
    ["image_processor_type": "CLIPImageProcessor"],
    "\"image_processor_type\" is \"CLIPImageProcessor\", expected a processor of ViT or DeiT"
  ),
  (
    ["resample": 0],
    "\"resample\" is 0, expected a filter that weighs samples: 1 (Lanczos) to 5 (Hamming)"
  ),
  (["size": ["shortest_edge": 224]], "\"size\" has shortest_edge, expected height and width"),
  (["size": 0], "\"size\" is 0 × 0, expected 1 to 16384 pixels"),
  (["image_std": [1, 0, 1]], "\"image_std\" holds a number that is not positive"),
  (["image_mean": [1, 2]], "\"image_mean\" must be a number for each of red, green and blue"),
]
