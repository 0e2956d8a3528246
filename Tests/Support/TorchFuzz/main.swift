// Reads mutated files of torch and checks what reading them took and gave.
//
//     lowrank-torch-fuzz FOLDER [COUNT [SEED]]
//
// FOLDER is Tests/LowRankTorchTests/Fixtures. Each file lies before a page that may not be read, so a read beyond its
// end ends the program. It prints one line of figures, and exits with 1 after the first file that broke a rule.
import CAllocationCount
import Foundation
import LowRankTorch

/// A place for files, each of which ends where memory that may not be touched begins.
struct GuardedPlace {
  private let end: UnsafeMutableRawPointer
  static let capacity = 1 << 20

  init() throws {
    let page = Int(getpagesize())
    let start = mmap(
      nil, Self.capacity + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start, start != MAP_FAILED, mprotect(start + Self.capacity, page, PROT_NONE) == 0
    else { throw CocoaError(.fileReadUnknown) }
    end = start + Self.capacity
  }

  func put(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let start = end - bytes.count
    bytes.withUnsafeBytes {
      start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(end), byteCount: $0.count)
    }
    return UnsafeRawBufferPointer(start: start, count: bytes.count)
  }
}

/// The figures of a run.
struct Tally {
  var (read, refused, tensors, largest) = (0, 0, 0, 0)
  /// The most that was allocated for a byte of a file, of those large enough for the bound of four.
  var ratio = 0.0
  var sum: UInt64 = 0
}

/// What is wrong with what was read; none where all is well.
func problem(of bytes: UnsafeRawBufferPointer, _ tally: inout Tally) -> String? {
  let before = lr_allocated()
  lr_forget_peak()
  let file = try? TorchFile(bytes, at: "mutated.pt")
  let taken = lr_allocated_peak() - before
  tally.largest = max(tally.largest, taken)
  if bytes.count >= 1 << 14 { tally.ratio = max(tally.ratio, Double(taken) / Double(bytes.count)) }
  guard taken <= max(1 << 16, 4 * bytes.count) else { return "\(taken) bytes allocated" }
  guard let file else {
    tally.refused += 1
    return nil
  }
  tally.read += 1
  for tensor in file.tensors {
    tally.tensors += 1
    let piece: UnsafeRawBufferPointer
    switch tensor.place {
    case .file(let range):
      guard range.upperBound <= bytes.count else { return "\(tensor.name) beyond the file" }
      piece = UnsafeRawBufferPointer(rebasing: bytes[range])
    case .memory(let memory, let range):
      piece = UnsafeRawBufferPointer(rebasing: memory.bytes[range])
    }
    guard piece.count == tensor.shape.reduce(tensor.type.size, *) else {
      return "\(tensor.name) of \(tensor.shape) has \(piece.count) bytes"
    }
    for byte in piece { tally.sum = tally.sum &* 31 &+ UInt64(byte) }
  }
  return nil
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else {
  print("usage: lowrank-torch-fuzz FOLDER [COUNT [SEED]]")
  exit(2)
}
let seeds = try TorchSeeds(in: URL(filePath: arguments[1]))
let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 1000
var mutator = Mutator(seed: arguments.count > 3 ? UInt64(arguments[3]) ?? 0 : 0)
let place = try GuardedPlace()
var tally = Tally()
// What Swift allocates once, for tables and metadata, is no file's.
for seed in seeds.files { _ = try? TorchFile(place.put(seed), at: "seed.pt") }
for round in 0..<count {
  let mutated = mutator.mutated(
    seeds.files[mutator.below(seeds.files.count)],
    beside: seeds.files[mutator.below(seeds.files.count)])
  guard mutated.count <= GuardedPlace.capacity else { continue }
  if let problem = problem(of: place.put(mutated), &tally) {
    print("round \(round): \(problem)")
    try Data(mutated).write(to: URL(filePath: "mutated.pt"))
    exit(1)
  }
}
print(
  "\(count) mutations of \(seeds.files.count) files: \(tally.read) read with \(tally.tensors) tensors, "
    + "\(tally.refused) refused; most allocated \(tally.largest) bytes, "
    + String(format: "%.2f", tally.ratio) + " for a byte of the files from 16 KB")
