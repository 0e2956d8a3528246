import LowRankImages
import LowRankTensors
import LowRankTransformers
import Synchronization

/// Turns images into the patches that a model reads.
///
/// The pixels of an image are in memory while a batch with it is computed, and not before.
public struct ImageEncoder: SequenceEncoder {
  /// What becomes of an image first.
  public let processor: ImageProcessor
  /// How the model divides it.
  public let input: ImageInput
  private let failure = Failure()
  private let ids, kinds: [Int32]

  /// What could not be read of images that were there before.
  private final class Failure: Sendable {
    let first = Mutex<DataError?>(nil)
  }

  /// An encoder for a model's images.
  ///
  /// - Parameter folder: the model's folder, for messages.
  /// - Throws: `DataError` where the processor makes images of another size than the model reads.
  public init(
    _ processor: ImageProcessor, for input: ImageInput, of folder: String
  ) throws(DataError) {
    let size = processor.outputSize
    guard size?.width == input.width, size?.height == input.height else {
      let found = size.map { "of \($0.height) × \($0.width) pixels" } ?? "of any size"
      throw DataError(
        folder,
        """
        \(ImageProcessor.fileName) makes images \(found), but the model's positions are for \(input.height) × \
        \(input.width), its image_size; give images of that size
        """)
    }
    (self.processor, self.input) = (processor, input)
    ids = (0..<Int32(input.places)).map { $0 }
    kinds = [Int32](repeating: 0, count: input.places)
  }

  /// The places of an image that can be decoded, and its file.
  ///
  /// - Parameter path: where the image lies.
  /// - Throws: `DataError` where it cannot be decoded, or is absurdly large.
  public func encodeSequence(
    _ path: String, _ second: String?, longest: Int
  ) throws -> EncodedSequence {
    precondition(second == nil, "an image is a row of its own")
    return try sequence(of: ImageSource(file: path))
  }

  /// The places of an image that can be decoded, and where it is.
  func sequence(of source: ImageSource) throws(DataError) -> EncodedSequence {
    var sequence = EncodedSequence(ids: ids, typeIDs: kinds, isTruncated: false)
    sequence.image = try ImageFile.open(source) { bytes throws(ImageError) in
      _ = try RGBImage(decoding: bytes)
    }.file
    return sequence
  }

  /// The patches of images, row by row; zeros for all where one cannot be read any more, which ``check()`` reports.
  func rows(of files: [ImageFile]) -> [Float] {
    do {
      return try concurrentMap(files.count) { [processor, input] index in
        let file = files[index]
        let (now, image) = try ImageFile.open(file.source) { bytes throws(ImageError) in
          try RGBImage(decoding: bytes)
        }
        guard now.hash == file.hash else {
          throw DataError(file.path, "the image has changed since it was first read")
        }
        return input.rows(of: processor.pixels(of: image))
      }.flatMap { $0 }
    } catch {
      let problem = error as? DataError ?? DataError(files[0].path, "\(error)")
      failure.first.withLock { $0 = $0 ?? problem }
      return [Float](repeating: 0, count: files.count * input.places * input.patchCount)
    }
  }

  /// Reports an image that could not be read when it was needed.
  ///
  /// - Throws: `DataError` for the first one.
  func check() throws(DataError) {
    if let problem = failure.first.withLock({ $0 }) { throw problem }
  }
}
