import Foundation
import LowRankTensors
import Synchronization

/// Rotary positions with their tables of angles, made once for each length that passes need.
final class RotaryEmbedding: Sendable {
  private let scaling: RotaryScaling
  private let headSize: Int
  private let latest = Mutex<(length: Int, engine: ObjectIdentifier, table: RotaryTable)?>(nil)

  init(_ scaling: RotaryScaling, headSize: Int) {
    self.scaling = scaling
    self.headSize = headSize
  }

  /// The tables for a pass: of its exact length if that changes the angles, else of the next power of two.
  func table(for pass: Pass) -> RotaryTable {
    let longest = pass.rows.longest
    var length = 64
    if case .dynamic = scaling.kind {
      length = max(1, longest)
    } else {
      while length < longest { length *= 2 }
    }
    // The length decides between two lists of frequencies.
    if case .long(_, _, _, let trained) = scaling.kind, longest <= trained {
      length = min(length, trained)
    }
    let engine = pass.compute.engine
    return latest.withLock { latest in
      if let latest, latest.engine == ObjectIdentifier(engine), latest.length == length {
        return latest.table
      }
      let table = made(length: length, engine)
      latest = (length, ObjectIdentifier(engine), table)
      return table
    }
  }

  private func made(length: Int, _ engine: any Engine) -> RotaryTable {
    let frequencies = scaling.inverseFrequencies(headSize: headSize, length: length)
    let factor = scaling.attentionFactor
    var cosine: [Float] = []
    var sine: [Float] = []
    cosine.reserveCapacity(length * frequencies.count)
    sine.reserveCapacity(length * frequencies.count)
    for position in 0..<length {
      for frequency in frequencies {
        // The angle is rounded to single precision, as transformers computes it.
        let angle = Double(Float(position) * frequency)
        cosine.append(Float(cos(angle)) * factor)
        sine.append(Float(sin(angle)) * factor)
      }
    }
    let shape: Shape = [length, frequencies.count]
    return RotaryTable(
      cosine: engine.tensor(cosine, shape, type: .float32),
      sine: engine.tensor(sine, shape, type: .float32))
  }
}
