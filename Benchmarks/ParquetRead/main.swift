// Reads the rows of a Parquet file once, to the end, and says how many there are and what it took.
//
//     lowrank-parquet-read FILE
//
// Prints one line of JSON: rows, the bytes of their texts, seconds of the processor, and the peak of memory in bytes.
// Benchmarks/parquet.py runs it beside pyarrow.
import Foundation
import LowRankParquet

/// The bytes of the texts in a value.
func textBytes(_ value: ParquetValue) -> Int {
  switch value {
  case .string(let text): text.utf8.count
  case .list(let values): values.reduce(0) { $0 + textBytes($1) }
  case .structure(let structure): structure.values.reduce(0) { $0 + textBytes($1) }
  default: 0
  }
}

/// The largest resident set of this program, in bytes; that of a child's usage would count the parent's.
func peakMemory() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
  return 1024 * (line.split(separator: " ").compactMap { Int($0) }.first ?? 0)
}

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: lowrank-parquet-read FILE\n".utf8))
  exit(2)
}
do {
  let file = try ParquetFile(at: URL(filePath: CommandLine.arguments[1]))
  let rows = file.rows()
  var (count, bytes) = (0, 0)
  while let row = try rows.next() {
    count += 1
    for value in row { bytes += textBytes(value) }
  }
  let seconds = Double(clock()) / Double(CLOCKS_PER_SEC)
  let peak = try peakMemory()
  print(
    #"{"rows": \#(count), "text_bytes": \#(bytes), "processor_seconds": \#(seconds), "peak_memory_bytes": \#(peak)}"#
  )
} catch {
  FileHandle.standardError.write(Data("lowrank-parquet-read: \(error)\n".utf8))
  exit(1)
}
