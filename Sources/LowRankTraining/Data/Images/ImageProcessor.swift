import Foundation
import LowRankCheckpoints
import LowRankImages

/// What becomes of an image before a model sees it: resized, cropped, rescaled and normalised.
///
/// `x = (s · v − μ) / σ` for a sample `v` of a channel with its mean `μ` and deviation `σ`. The keys are those of
/// transformers' `ViTImageProcessor` and `DeiTImageProcessor`; images are resized as Pillow does.
public struct ImageProcessor: Hashable, Sendable {
  /// A width and a height.
  public struct Size: Hashable, Sendable {
    /// In pixels.
    public let width, height: Int

    /// A size of at least one pixel.
    public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
  }

  /// The size that images are resized to; nil where they are not.
  public var size: Size?
  /// How samples are weighed while resizing.
  public var filter: ResamplingFilter
  /// The size of the middle that is cut out; nil for the whole image.
  public var crop: Size?
  /// The factor of samples.
  public var scale: Double
  /// The mean of each channel, behind the factor.
  public var mean: [Double]
  /// The deviation of each channel.
  public var deviation: [Double]

  /// ViT's own values for images of a size.
  public init(size: Size) {
    self.size = size
    filter = .bilinear
    crop = nil
    scale = 1 / 255.0
    (mean, deviation) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
  }

  /// The size of images behind it; nil for that of each image.
  public var outputSize: Size? { crop ?? size }

  /// The numbers of an image, `[3, height, width]`.
  public func pixels(of image: RGBImage) -> [Float] {
    var image = image
    if let size { image = image.resized(width: size.width, height: size.height, by: filter) }
    if let crop { image = image.croppedToCenter(width: crop.width, height: crop.height) }
    let count = image.width * image.height
    var numbers = [Float](repeating: 0, count: 3 * count)
    for channel in 0..<3 {
      // As transformers computes: the product in double precision, the rest in single.
      let (mean, deviation) = (Float(mean[channel]), Float(deviation[channel]))
      let table = (0..<256).map { (Float(Double($0) * scale) - mean) / deviation }
      image.pixels.withUnsafeBufferPointer { pixels in
        for place in 0..<count {
          numbers[channel * count + place] = table[Int(pixels[3 * place + channel])]
        }
      }
    }
    return numbers
  }
}
