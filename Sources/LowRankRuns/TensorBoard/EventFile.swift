import Foundation
import SwiftProtobuf
import Synchronization

/// A file of events in a folder that TensorBoard watches.
///
/// Values wait in memory until `flush()`; a flush writes whole records, so a reader never meets half of one for good.
public final class EventFile: Sendable {
  /// The file.
  public let url: URL
  private let output: Mutex<Output>

  private struct Output {
    let handle: FileHandle
    var waiting = Data()
    /// The bytes of whole records in the file.
    var length: UInt64 = 0
  }

  /// Makes `events.out.tfevents.<seconds>.<host>.<process>.0` in a folder, with the folder where it is missing.
  ///
  /// A run that goes on after `resuming` steps has TensorBoard forget what earlier files of the folder say of later ones.
  ///
  /// - Throws: `EventFileError`.
  public init(
    in folder: URL, date: Date = .now, resuming step: Int? = nil
  ) throws(EventFileError) {
    let process = ProcessInfo.processInfo.processIdentifier
    let seconds = String(format: "%010lld", Int64(date.timeIntervalSince1970))
    url = try Self.unused(
      in: folder, "events.out.tfevents.\(seconds).\(hostName).\(process)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data().write(to: url, options: .withoutOverwriting)
      output = Mutex(Output(handle: try FileHandle(forWritingTo: url)))
    } catch {
      throw EventFileError(path: url.path, reason: EventFileError.reason(error))
    }
    add(.with { $0.fileVersion = "brain.Event:2" }, at: date)
    if let step {
      add(
        .with {
          $0.step = Int64(step) + 1
          $0.sessionLog.status = .start
        }, at: date)
    }
    try flush()
  }

  /// A name that no file has yet, for several runs of one process in one second.
  private static func unused(in folder: URL, _ name: String) throws(EventFileError) -> URL {
    for number in 0..<10_000 {
      let url = folder.appending(path: "\(name).\(number)")
      if !FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw EventFileError(path: folder.path, reason: "it is full of event files of this second")
  }

  deinit { try? close() }

  /// Adds a value of a metric, which TensorBoard keeps in single precision.
  public func scalar(_ name: String, _ value: Double, step: Int, date: Date = .now) {
    add(name, step, date) { $0.simpleValue = Float(value) }
  }

  /// Adds how values are distributed, in 30 buckets of one width.
  ///
  /// Those that are not finite are left out; of no values nothing is added.
  public func histogram(_ name: String, _ values: [Double], step: Int, date: Date = .now) {
    guard let histogram = TensorBoardHistogram(of: values) else { return }
    add(name, step, date) { $0.histo = histogram }
  }

  /// Adds a text, which TensorBoard shows as Markdown.
  public func text(_ name: String, _ text: String, step: Int, date: Date = .now) {
    add(name, step, date) {
      $0.metadata.pluginData.name = "text"
      $0.tensor.dtype = .string
      $0.tensor.tensorShape.dim = [.with { $0.size = 1 }]
      $0.tensor.stringVal = [Data(text.utf8)]
    }
  }

  private func add(
    _ name: String, _ step: Int, _ date: Date, _ fill: (inout TensorBoardSummary.Value) -> Void
  ) {
    var value = TensorBoardSummary.Value()
    value.tag = name
    fill(&value)
    add(
      .with {
        $0.step = Int64(step)
        $0.summary.value = [value]
      }, at: date)
  }

  private func add(_ event: TensorBoardEvent, at date: Date) {
    var event = event
    event.wallTime = date.timeIntervalSince1970
    // A proto3 message with text from Swift strings always has a binary form.
    guard let bytes: Data = try? event.serializedData() else { return }
    output.withLock { $0.waiting.append(EventRecord.framing(bytes)) }
  }

  /// Writes what waits.
  ///
  /// Where that fails, as on a full disk, the file is cut back to its last whole record and what waited is dropped.
  ///
  /// - Throws: `EventFileError`.
  public func flush() throws(EventFileError) {
    do {
      try output.withLock { output in
        guard !output.waiting.isEmpty else { return }
        defer { output.waiting.removeAll(keepingCapacity: true) }
        do {
          try output.handle.write(contentsOf: output.waiting)
          output.length += UInt64(output.waiting.count)
        } catch {
          try? output.handle.truncate(atOffset: output.length)
          throw error
        }
      }
    } catch {
      throw EventFileError(path: url.path, reason: EventFileError.reason(error))
    }
  }

  /// Writes what waits and closes the file; nothing can be flushed afterwards.
  ///
  /// - Throws: `EventFileError`.
  public func close() throws(EventFileError) {
    defer { output.withLock { try? $0.handle.close() } }
    try flush()
  }
}
