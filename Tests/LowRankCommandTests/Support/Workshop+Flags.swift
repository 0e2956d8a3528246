import Foundation
@_exported import LowRankWorkshop

extension Workshop {
  /// The flags of a short run.
  func training(into adapter: String, _ more: String...) -> [String] {
    [
      "train", "--model", model.path, "--data", data.path, "--adapter-path", place(adapter).path,
      "--rank", "2", "--batch-size", "4", "--learning-rate", "0.01", "--precision", "f32",
      "--json",
    ] + more
  }
}
