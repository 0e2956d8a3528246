import Foundation
import LowRank

/// What is served, and how.
public struct ServingConfiguration: Sendable {
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// The port, or 0 for any free one.
  public var port = 0
  /// The name of the base for clients.
  public var name: String
  /// Adapters by name.
  public var adapters: [(name: String, place: URL)] = []
  /// A folder whose folders are adapters, each under its name.
  public var folder: URL?
  /// The bytes that loaded adapters may take.
  public var adapterBytes = 2 << 30
  /// The checks of adapters that do not refuse one.
  public var allowed: Set<LoadCheck> = []
  /// The file of keys; everybody may ask where nil.
  public var keys: URL?
  /// The limits of the engine.
  public var limits = EngineLimits()
  /// What is made of whole texts; nil for a server that continues texts.
  public var task: ServingTask?
  /// What writes conversations, in the place of the model's own template.
  public var renderer: TemplateRenderer?
  /// The bytes of a request's body.
  public var bodyBytes = 8 << 20
  /// The number of open connections.
  public var connections = 16_384

  /// A server of a base with this name.
  public init(name: String) { self.name = name }
}

/// What is made of whole texts.
public enum ServingTask: String, Hashable, Sendable, CaseIterable {
  /// A vector for each text.
  case embeddings
  /// The classes of each text.
  case classification
}
