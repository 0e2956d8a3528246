import LowRankTensors

extension EngineCheck {
  static let memory: [EngineCheck] =
    [
      EngineCheck("tensors of given numbers") { trial in
        let engine = trial.engine
        let integers = engine.tensor([3, -7, .max, .min, 0] as [Int32], [5])
        let view = trial.normal([6, 5]).viewed(rows: 2..<5)
        return [
          EngineResult("doubles", engine.tensor([1.5, -2.25, 1e-3], [3, 1])),
          EngineResult("integers", integers),
          EngineResult("scalar", engine.tensor([2.5 as Double], [])),
          EngineResult("nothing", engine.tensor([] as [Double], [0, 3])),
          EngineResult("zeros", engine.zeros([3, 5], type: .float32)),
          EngineResult("bfloat16 zeros", engine.zeros([7], type: .bfloat16)),
          EngineResult("integer zeros", engine.zeros([2, 2], type: .int32)),
          EngineResult("filled", engine.filled(-0.5, [2, 3])),
          EngineResult("view", view),
          EngineResult("reshaped view", view.viewed(as: [5, 3])),
          EngineResult("rounded view", engine.converted(view, to: .bfloat16)),
          EngineResult("narrow rows", trial.normal([4, 3], .bfloat16).viewed(rows: 1..<4)),
        ]
          + [ElementType.float32, .bfloat16].flatMap { from in
            [ElementType.float32, .bfloat16].map { to in
              EngineResult(
                "\(from.rawValue) as \(to.rawValue)",
                engine.converted(trial.normal([5, 7], from), to: to))
            }
          }
      }
    ]
    + [ElementType.float32, .bfloat16].flatMap { stored in
      [ElementType.float32, .bfloat16].flatMap { type in
        [0, 1, 64].map { skipped in
          EngineCheck(
            "a weight stored as \(stored.rawValue) \(skipped) bytes in, used as \(type.rawValue)"
          ) { trial in
            let numbers = trial.engine.floats(trial.normal([5, 7], stored))
            let weight = resident(numbers, stored, type, skipped, trial.engine)
            var changed = weight
            trial.engine.add(weight, scale: 1, to: &changed)
            // A weight whose only handle is changed still must not change the file it is mapped from.
            var alone = resident(numbers, stored, type, skipped, trial.engine)
            trial.engine.add(weight, scale: 1, to: &alone)
            return [
              EngineResult("weight", weight), EngineResult("changed", changed),
              EngineResult("only handle changed", alone),
            ]
          }
        }
      }
    }

  /// A resident tensor of numbers whose memory nobody but the tensor keeps.
  private static func resident(
    _ numbers: [Float], _ stored: ElementType, _ type: ElementType, _ skipped: Int,
    _ engine: any Engine
  ) -> Tensor {
    let words = numbers.flatMap { number in
      let bits = number.bitPattern
      let bytes = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
      return stored == .bfloat16 ? bytes.suffix(2) : bytes[...]
    }
    let owner = WeightFile(words, skipping: skipped)
    return engine.resident(owner.bytes, stored: stored, [5, 7], as: type, owner: owner)
  }
}

/// Memory as of a mapped checkpoint: it may not be written, and is spoiled when its last owner goes.
private final class WeightFile: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private let content: [UInt8]
  let bytes: UnsafeRawBufferPointer

  init(_ content: [UInt8], skipping skipped: Int) {
    self.content = content
    memory = .allocate(byteCount: skipped + content.count, alignment: 64)
    memory[skipped...].copyBytes(from: content)
    bytes = UnsafeRawBufferPointer(rebasing: memory[skipped...])
  }

  deinit {
    precondition(bytes.elementsEqual(content), "an engine wrote to a weight's own memory")
    memory.initializeMemory(as: UInt8.self, repeating: 0xFF)
    memory.deallocate()
  }
}
