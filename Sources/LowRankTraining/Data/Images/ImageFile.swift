import Foundation
import LowRankCheckpoints
import LowRankImages

/// An image as a row of a data set: where it lies, and a hash of its bytes.
public struct ImageFile: Hashable, Sendable {
  /// The path, as messages name it.
  public let path: String
  /// The hash of the file, MurmurHash3 (x64, 128 bits, seed 0).
  package let hash: MurmurHash3

  /// Opens a file, hands out its bytes and their hash.
  ///
  /// - Throws: `DataError` where it cannot be read, or what `use` throws of it in a sentence.
  static func open<Value>(
    _ path: String, _ use: (UnsafeRawBufferPointer) throws(ImageError) -> Value
  ) throws(DataError) -> (file: ImageFile, value: Value) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
    else { throw DataError(path, "there is no such image") }
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard (size ?? 0) <= RGBImage.mostBytes else {
      throw DataError(path, "\(ImageError.tooManyBytes(size ?? 0, most: RGBImage.mostBytes))")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DataError(path, "the file cannot be read")
    }
    let read: Result<(MurmurHash3, Value), ImageError> = data.withUnsafeBytes { bytes in
      do throws(ImageError) {
        return .success((MurmurHash3(of: bytes), try use(bytes)))
      } catch { return .failure(error) }
    }
    switch read {
    case .success((let hash, let value)): return (ImageFile(path: path, hash: hash), value)
    case .failure(let error): throw DataError(path, "\(error)")
    }
  }
}
