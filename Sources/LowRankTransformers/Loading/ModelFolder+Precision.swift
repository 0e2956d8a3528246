import LowRankCheckpoints
import LowRankTensors

extension ModelFolder {
  /// The precision in which most of the weights need not be converted, so that opening the model reads little.
  package var storedPrecision: ElementType {
    let bytes = tensors.reduce(into: (single: 0, all: 0)) { sums, tensor in
      sums.all += tensor.byteCount
      if tensor.type == .float32 { sums.single += tensor.byteCount }
    }
    return 2 * bytes.single > bytes.all ? .float32 : .bfloat16
  }
}
