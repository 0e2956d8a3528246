// Reads mutated GGUF models and checks that each is read or refused with a sentence, never anything else.
//
//     lowrank-gguf-fuzz FOLDER [COUNT [SEED]]
//
// FOLDER is Tests/LowRankTransformersTests/Fixtures/gguf. The header of a file is changed at one to eight places; what is
// read of it is the configuration, every tensor's name and, of some, the numbers, the vocabulary and the model. It prints
// one line of figures. A crash ends it with the number of the file on the last line of standard error.
import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTokenizers
import LowRankTransformers

/// Changes the headers of files at random, the same way for the same seed.
struct HeaderMutator {
  private var random: Philox

  init(seed: UInt64) { random = Philox(key: seed) }

  /// A number from 0 to one below the bound.
  mutating func below(_ bound: Int) -> Int { random.integer(below: max(1, bound)) }

  /// Lengths, counts and offsets at which arithmetic goes wrong.
  private static let numbers: [UInt64] = [
    0, 1, 2, 3, 32, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
    0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
    0x4000_0000_0000_0000,
  ]

  /// The file with changes before the given position, and the place of the first.
  mutating func change(_ bytes: inout [UInt8], before end: Int) {
    for _ in 0...below(below(4) == 0 ? 8 : 2) {
      let position = below(min(end, bytes.count))
      switch below(10) {
      case 0, 1: bytes[position] ^= 1 << UInt8(below(8))
      case 2, 3: bytes[position] = UInt8(below(256))
      case 4, 5, 6:
        let number = Self.numbers[below(Self.numbers.count)]
        for byte in 0..<(1 << below(4)) where position + byte < bytes.count {
          bytes[position + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
        }
      case 7: bytes.removeSubrange(position..<min(bytes.count, position + 1 + below(16)))
      case 8:
        bytes.insert(contentsOf: (0...below(16)).map { _ in UInt8(below(256)) }, at: position)
      default:
        if below(8) == 0 {
          bytes.removeSubrange(position...)
        } else {
          bytes.swapAt(position, below(min(end, bytes.count)))
        }
      }
      guard !bytes.isEmpty else { return }
    }
  }
}

/// What became of the files.
struct Outcome {
  var read = 0
  var refusedFiles = 0
  var refusedVocabularies = 0
  var models = 0
}

/// Reads a file as a model's: the configuration, numbers, identity and texts, and of some files the model itself.
func read(_ url: URL, whole: Bool, _ outcome: inout Outcome) {
  do {
    let folder = try ModelFolder(at: url)
    for tensor in folder.tensors where whole || tensor.shape.rank == 1 { _ = try tensor.floats() }
    _ = try folder.identity()
    outcome.read += 1
  } catch {
    outcome.refusedFiles += 1
    return
  }
  do {
    let texts = try ModelTexts(at: url)
    _ = try texts.json("tokenizer_config.json")
    _ = try texts.json("generation_config.json")
    _ = try texts.tokenizer.encode("the end")
  } catch { outcome.refusedVocabularies += 1 }
  // A model may be refused for its configuration, as a folder's is.
  guard whole, let model = try? Model(from: url, precision: .float32, engine: CPUEngine()) else {
    return
  }
  if model.parameterCount > 0 { outcome.models += 1 }
}

let arguments = CommandLine.arguments.dropFirst()
guard let folder = arguments.first else {
  FileHandle.standardError.write(Data("usage: lowrank-gguf-fuzz FOLDER [COUNT [SEED]]\n".utf8))
  exit(2)
}
let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
let seed = arguments.dropFirst(2).first.flatMap { UInt64($0) } ?? 1
let place = URL(filePath: folder)
let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  .filter { $0.hasSuffix(".gguf") && !$0.contains("-of-") }
let seeds = try names.map { name in
  let url = place.appending(path: name)
  let header = try GGUFFile(at: url).tensors.map(\.range.lowerBound).min() ?? 0
  return (bytes: [UInt8](try Data(contentsOf: url)), header: header)
}
// Memory, where there is such a file system, since millions of files are written.
let memory = URL(filePath: "/dev/shm")
let parent =
  FileManager.default.isWritableFile(atPath: memory.path)
  ? memory : FileManager.default.temporaryDirectory
let file = parent.appending(path: "lowrank-gguf-fuzz-\(UUID().uuidString).gguf")
defer { try? FileManager.default.removeItem(at: file) }
var outcome = Outcome()
var mutator = HeaderMutator(seed: seed)
for number in 0..<count {
  let original = seeds[mutator.below(seeds.count)]
  var bytes = original.bytes
  // Most changes are beside the vocabulary, which takes most of a header.
  let isNear = mutator.below(4) > 0
  mutator.change(&bytes, before: isNear ? min(1200, original.header) : original.header)
  if number.isMultiple(of: 10_000) {
    FileHandle.standardError.write(Data("file \(number)\n".utf8))
  }
  try Data(bytes).write(to: file)
  read(file, whole: number.isMultiple(of: 64), &outcome)
}
print(
  """
  \(count) files: \(outcome.read) read, \(outcome.refusedFiles) refused, \(outcome.refusedVocabularies) vocabularies \
  refused, \(outcome.models) models made
  """)
