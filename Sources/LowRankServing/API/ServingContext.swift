import Foundation
import LowRank

/// What all endpoints share.
final class ServingContext: Sendable {
  /// The name of the base for clients.
  let name: String
  let bases: ServedBases
  let library: AdapterLibrary
  /// What continues texts; nil for encoders.
  let engine: ServingEngine?
  /// What reads whole texts; nil for decoders that continue texts.
  let encoder: EncoderEngine?
  let texts: ServedTexts
  let keys: APIKeys?
  let rates = TokenRates()
  let created = Date()
  let bodyLimit: Int
  let isLocal: Bool
  let requests = RequestCounts()

  /// - Throws: what reading the keys and the tokenizer throws.
  init(_ model: Model, _ configuration: ServingConfiguration) throws {
    keys = try configuration.keys.map { try APIKeys(at: $0) }
    texts = try ServedTexts(model, renderer: configuration.renderer)
    (name, bodyLimit) = (configuration.name, configuration.bodyBytes)
    isLocal = RequestOrigin.isLoopback(configuration.host)
    bases = ServedBases(model)
    var rules = AdapterLibrary.Rules(
      budget: configuration.adapterBytes, folder: configuration.folder,
      allowed: configuration.allowed)
    rules.baseName = name
    library = AdapterLibrary(bases, rules)
    for (name, place) in configuration.adapters { library.register(name, at: place) }
    let limits = configuration.limits
    switch configuration.task {
    case nil:
      (engine, encoder) = (ServingEngine(model, limits: limits), nil)
    case .embeddings:
      (engine, encoder) = (nil, EncoderEngine(model, .embeddings(.mean), limits: limits))
    case .classification:
      (engine, encoder) = (nil, EncoderEngine(model, .classification, limits: limits))
    }
    if let engine { library.onRetirement { [weak engine] in engine?.retire($0) } }
  }

  /// The counts for Prometheus.
  var metricsText: String {
    MetricsText(engine?.metrics, library.counts, requests.all).text
  }

  /// Gives up what is in progress and ends the threads.
  func stop() {
    engine?.abort()
    encoder?.stop()
    library.stop()
  }
}
