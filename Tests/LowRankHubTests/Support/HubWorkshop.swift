import Foundation
import LowRankDigests
import LowRankHub
import LowRankTestHub

/// A hub with one repository, and a cache of its own to fetch into.
final class HubWorkshop: Sendable {
  static let name = "owner/model"
  let hub: TestHub
  let home = FileManager.default.temporaryDirectory.appending(path: "lowrank-hub-\(UUID())")
  let weights = HubWorkshop.bytes(300_000, seed: 1)

  init(_ hub: TestHub) {
    self.hub = hub
    hub.add(
      Self.name,
      files: [
        "config.json": Data("{\"model_type\": \"llama\"}".utf8),
        "tokenizer.json": Data("{\"model\": {}}".utf8), "model.safetensors": weights,
        "pytorch_model.bin": Self.bytes(1000, seed: 2), "README.md": Data("# A model".utf8),
        "onnx/model.onnx": Self.bytes(1000, seed: 3),
      ])
  }

  deinit { try? FileManager.default.removeItem(at: home) }

  /// Bytes that look like nothing.
  static func bytes(_ count: Int, seed: UInt64) -> Data {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return Data(
      (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
      })
  }

  /// Runs a test with a hub and a cache.
  static func run(_ body: (HubWorkshop) async throws -> Void) async throws {
    try await TestHub.run { hub in try await body(HubWorkshop(hub)) }
  }

  /// The settings of an environment in which the hub is the test's.
  func settings(_ variables: [String: String] = [:]) throws -> HubSettings {
    var settings = try HubSettings(
      environment: ["HF_ENDPOINT": hub.url, "HF_HOME": home.path].merging(variables) { $1 })
    settings.firstDelay = 0.01
    return settings
  }

  /// Fetches.
  @discardableResult
  func pull(
    _ name: String = HubWorkshop.name, _ content: HubContent = .model,
    _ variables: [String: String] = [:],
    reporting report: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws -> HubSnapshot {
    try await Hub(settings(variables)).snapshot(of: HubName(name), content, reporting: report)
  }

  /// What goes wrong when something is fetched.
  func failure(
    _ name: String = HubWorkshop.name, _ content: HubContent = .model,
    _ variables: [String: String] = [:]
  ) async throws -> HubError? {
    do {
      try await pull(name, content, variables)
      return nil
    } catch let error as HubError {
      return error
    }
  }

  /// A repository's folder in the cache.
  func cached(_ name: String = "owner--model") -> URL {
    home.appending(path: "hub/models--\(name)")
  }

  /// Where the large file is gathered.
  var partial: URL {
    get throws {
      cached().appending(path: "blobs/\(try Digest.sha256(weights)).lowrank.incomplete")
    }
  }

  /// Leaves the beginning of the large file, as a try that was cut short does.
  func leave(_ beginning: Data) throws {
    let partial = try partial
    try FileManager.default.createDirectory(
      at: partial.deletingLastPathComponent(), withIntermediateDirectories: true)
    try beginning.write(to: partial)
  }

  /// The requests that brought bytes of the large file.
  var transfers: [LoggedRequest] {
    hub.log.filter { $0.path.hasPrefix("/_store") && $0.path.hasSuffix("model.safetensors") }
  }
}
