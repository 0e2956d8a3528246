import LowRankTensors

extension Model {
  /// The logits of one image, f32 `[1, classes]`.
  ///
  /// - Parameter pixels: the image as its processor leaves it, `[3, height, width]`, of the model's size.
  public func logits(ofImage pixels: [Float], adapters: AdapterSelection = .none) -> Tensor {
    guard let input = architecture.backbone.imageInput else {
      preconditionFailure("\(architecture.className) reads no images")
    }
    return logits(
      (0..<Int32(input.places)).map { $0 }, patches: input.rows(of: pixels), adapters: adapters)
  }
}

extension ImageInput {
  /// The rows of an image of random numbers from −1 to 1.
  package func randomRows(seed: UInt64) -> [Float] {
    var random = Philox(key: seed)
    return rows(of: (0..<3 * width * height).map { _ in 2 * random.uniform() - 1 })
  }
}
