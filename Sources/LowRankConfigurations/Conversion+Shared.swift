import Foundation
import LowRank

extension Conversion {
  /// Writes the model's folder, the one the user gave before the one of the file; the folder where it is here.
  mutating func model(of key: String) -> URL? {
    let named = file.text(key)
    guard let path = model ?? named else {
      run.note(.unsupported, key, "is missing: give a model folder")
      return nil
    }
    run.set("model", .text(path), remark: model == nil ? nil : named.map { "for \($0)" })
    let url = URL(filePath: path)
    if ModelFolder.isModel(url) {
      folder = url
      return url
    }
    if path.lowercased().contains(/[48]-?bit/) {
      run.note(
        .unsupported, key,
        "\(path) seems to have quantised weights, which are not read; give the folder of the original, or a GGUF file"
      )
    } else {
      run.noteMissing(
        key, "\(path) is no model folder on this machine; download it, or give --model DIR")
    }
    return nil
  }

  /// Says that a file, or a data set on the hub, has to be there, unless it is a file that is here.
  mutating func noteMissing(_ path: String, key: String) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard Self.isHubName(path), !FileManager.default.fileExists(atPath: folder) else {
      return run.noteMissing(
        key,
        "there is no \(path) on this machine, and lowrank train stops without it: give a folder or a file with rows, or a name on the hub"
      )
    }
    run.note(
      .changed, key,
      "\(path) is read as a data set on the hub, whose splits are found by their names")
  }

  /// Whether a path looks like a name on the hub: `owner/name`, without an ending.
  static func isHubName(_ path: String) -> Bool {
    path.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*\/[A-Za-z0-9][A-Za-z0-9_\-]*/) != nil
  }

  /// Writes a warm-up that is no longer than the run, and returns its steps.
  mutating func setWarmup(_ warmup: Int, of steps: Int?, key: String) -> Int {
    let kept = min(max(0, warmup), steps ?? warmup)
    if kept > 0 { run.set("warmup", .integer(kept)) }
    if warmup > kept {
      run.note(.unsupported, key, "is \(warmup) steps, more than the run has")
    }
    return kept
  }
}
