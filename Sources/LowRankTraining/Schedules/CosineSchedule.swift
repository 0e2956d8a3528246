import Foundation

extension Schedule {
  /// Half a wave of the cosine, `(1 + cos πp) / 2` with the progress p after the warm-up, to zero at
  /// the end of the run. (Loshchilov and Hutter, arXiv 1608.03983, without restarts)
  public static let cosine = Schedule("cosine", fallsToZero: true) { step, warmup, total in
    let progress = Double(step - warmup) / Double(max(1, total - warmup))
    return max(0, 0.5 * (1 + cos(.pi * progress)))
  }
}
