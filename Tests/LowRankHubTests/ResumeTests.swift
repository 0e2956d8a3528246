import Foundation
import LowRankHub
import LowRankTestHub
import Synchronization
import Testing

@Suite struct `A download that was cut short` {
  @Test func `goes on where the connection broke`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(Fault(.cut, "_store", times: 1, amount: 100_000))
      let snapshot = try await shop.pull()
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
      let transfers = shop.transfers
      #expect(transfers.count == 2 && transfers[1].status == 206)
      #expect(transfers.reduce(0) { $0 + $1.bytesSent } == shop.weights.count)
    }
  }

  @Test(arguments: [1, 65_536, 299_999, 300_000])
  func `goes on from what another try left`(count: Int) async throws {
    try await HubWorkshop.run { shop in
      try shop.leave(shop.weights.prefix(count))
      let snapshot = try await shop.pull()
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
      #expect(shop.transfers.reduce(0) { $0 + $1.bytesSent } == shop.weights.count - count)
      #expect(try !FileManager.default.fileExists(atPath: shop.partial.path))
    }
  }

  @Test(arguments: [1000, 300_000, 400_000])
  func `begins again where what was left is spoilt`(count: Int) async throws {
    try await HubWorkshop.run { shop in
      try shop.leave(Data(repeating: 7, count: count))
      let snapshot = try await shop.pull()
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
    }
  }

  @Test(arguments: [Fault.Kind.ignoreRange, .wrongOffset])
  func `is whole after a server that knows no ranges, or wrong ones`(kind: Fault.Kind) async throws
  {
    try await HubWorkshop.run { shop in
      try shop.leave(shop.weights.prefix(1000))
      shop.hub.fail(Fault(kind, "_store", times: 1, amount: 10))
      let snapshot = try await shop.pull()
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
    }
  }

  @Test func `is given up after a few tries, and what came is kept`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(Fault(.cut, "_store", amount: 1000))
      let failure = try await shop.failure()
      let error = try #require(failure)
      #expect(error.kind == .cut && error.description.contains("was lost"))
      #expect(shop.transfers.count == 5)
      let kept = try Data(contentsOf: try shop.partial)
      #expect(kept == shop.weights.prefix(5000))
      shop.hub.recover()
      shop.hub.clearLog()
      try await shop.pull()
      #expect(shop.transfers.reduce(0) { $0 + $1.bytesSent } == shop.weights.count - 5000)
    }
  }

  @Test func `is not fetched twice by two at once`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(Fault(.drip, "_store", times: 1, amount: 50_000, seconds: 0.05))
      let notes = Notes()
      async let first = shop.pull { notes.add($0) }
      async let second = shop.pull { notes.add($0) }
      let snapshots = try await [first, second]
      #expect(snapshots[0].folder == snapshots[1].folder && shop.transfers.count == 1)
      #expect(notes.texts.contains { $0.contains("waiting for another process") })
    }
  }

  @Test func `tells how far it is`() async throws {
    try await HubWorkshop.run { shop in
      try shop.leave(shop.weights.prefix(1000))
      let last = Mutex<HubProgress?>(nil)
      let snapshot = try await shop.pull { event in
        if case .progress(let progress) = event { last.withLock { $0 = progress } }
      }
      let progress = try #require(last.withLock { $0 })
      #expect(progress.files == 3 && progress.filesDone == 3)
      #expect(progress.bytes == progress.bytesDone)
      #expect(progress.bytesReceived == progress.bytes - 1000)
      #expect(snapshot.bytesReceived == progress.bytesReceived)
    }
  }
}

/// What was noted, from any thread.
private final class Notes: Sendable {
  private let kept = Mutex<[String]>([])

  var texts: [String] { kept.withLock { $0 } }

  func add(_ event: HubEvent) {
    if case .note(let text) = event { kept.withLock { $0.append(text) } }
  }
}
