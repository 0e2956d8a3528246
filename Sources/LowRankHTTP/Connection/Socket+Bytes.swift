import Foundation

extension Socket {
  /// Appends the bytes that have arrived, 16 KiB at most.
  ///
  /// - Returns: Whether the client may send more.
  /// - Throws: ``Failure``, and `CancellationError`.
  func read(into input: (UnsafeRawBufferPointer) -> Void, until deadline: ContinuousClock.Instant?)
    async throws -> Bool
  {
    while true {
      if let count = try receive(input) { return count > 0 }
      try await wait(for: .reading, until: deadline)
    }
  }

  private func receive(_ input: (UnsafeRawBufferPointer) -> Void) throws -> Int? {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { buffer in
      let count = try attempt { recv($0, buffer.baseAddress, buffer.count, 0) }
      if let count, count > 0 { input(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
      return count
    }
  }

  /// Sends all of the bytes, each 64 KiB within a time limit.
  ///
  /// - Throws: ``Failure``, and `CancellationError` if the task is cancelled while the client reads nothing.
  func send(_ bytes: [UInt8], each time: Duration) async throws {
    var place = 0
    var (mark, deadline) = (0, ContinuousClock.now + time)
    while place < bytes.count {
      let sent = try bytes.withUnsafeBytes { bytes in
        try attempt {
          Foundation.send($0, bytes.baseAddress! + place, bytes.count - place, Int32(MSG_NOSIGNAL))
        }
      }
      if let sent {
        place += sent
        if place - mark >= 1 << 16 { (mark, deadline) = (place, .now + time) }
      } else {
        try await wait(for: .writing, until: deadline)
      }
    }
  }

  /// Shuts down sending, and for a moment discards what the client still sends.
  ///
  /// Otherwise closing would reset the connection, and a client that is still sending would lose the last response.
  func linger(for time: Duration) async {
    guard (try? attempt { Int(shutdown($0, Int32(SHUT_WR))) }) != nil else { return }
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline,
      (try? await read(into: { _ in }, until: deadline)) == true
    {}
  }
}
