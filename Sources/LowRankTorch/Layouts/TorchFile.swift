/// The tensors of a file that `torch.save` wrote, in the layout of zip or in the one before torch 1.6.
///
/// What the file holds is a dictionary of tensors by name, or one that holds such a dictionary, as training scripts write
/// (`model_state_dict`). Its pickle is read as data, see ``Unpickler``. No more memory is taken than four times the file's
/// size, or 64 KB; tensors whose numbers stand in the file as they are wanted are not copied.
package struct TorchFile: Sendable {
  /// The tensors, in the order of the dictionary.
  package let tensors: [TorchTensor]
  /// The key of the dictionary that holds them; none where it is the outermost.
  package let section: String?
  /// The other keys of the outermost dictionary.
  package let others: [String]

  /// Reads the description of the tensors.
  ///
  /// - Parameters:
  ///   - bytes: the whole file, which must stay where it is for as long as tensors are read.
  ///   - path: the file's name, for errors.
  /// - Throws: `TorchFileError`.
  package init(_ bytes: UnsafeRawBufferPointer, at path: String) throws(TorchFileError) {
    do throws(TorchFault) {
      self = try Self(bytes, MemoryBudget(fileSize: bytes.count))
    } catch {
      throw TorchFileError(path, error)
    }
  }

  /// Whether a file begins as those of torch do.
  package static func isTorchFile(_ bytes: UnsafeRawBufferPointer) -> Bool {
    ZipArchive.isArchive(bytes) || LegacyLayout.isLegacy(bytes)
  }

  private init(_ bytes: UnsafeRawBufferPointer, _ budget: MemoryBudget) throws(TorchFault) {
    if ZipArchive.isArchive(bytes) {
      self = try ZipLayout.read(bytes, budget)
    } else if LegacyLayout.isLegacy(bytes) {
      self = try LegacyLayout.read(bytes, budget)
    } else if bytes.count > 262, bytes[257..<262].equals("ustar") {
      throw .refused("is a tar archive, as torch wrote before version 0.1.10")
    } else if bytes.first == PickleOpcode.proto.rawValue {
      throw .refused("is a pickle, but none that torch.save wrote: it can run code when it is read")
    } else {
      throw .damaged(
        "is no file of torch: it begins neither as a zip archive nor as torch's pickles")
    }
  }

  init(tensors: [TorchTensor], section: String?, others: [String]) {
    (self.tensors, self.section, self.others) = (tensors, section, others)
  }
}
