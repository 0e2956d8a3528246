import LowRank

/// Counts in the text format of Prometheus.
struct MetricsText {
  private var lines: [String] = []

  /// The counts of a server.
  init(_ engine: EngineMetrics?, _ adapters: AdapterCounts, _ requests: [RequestCounts.Kind: Int]) {
    if let engine { add(engine) }
    gauge("adapters_registered", "Adapters that are known by name.", adapters.registered)
    gauge("adapters_loaded", "Adapters in memory.", adapters.loaded)
    gauge("adapter_bytes", "Bytes of the adapters in memory.", adapters.bytes)
    counter("adapter_loads_total", "Adapters that were loaded.", adapters.loads)
    counter("adapter_evictions_total", "Adapters dropped to make room.", adapters.evictions)
    head("http_requests_total", "Requests by endpoint and status.", "counter")
    let kinds = requests.sorted {
      ($0.key.endpoint, $0.key.status) < ($1.key.endpoint, $1.key.status)
    }
    for (kind, count) in kinds {
      lines.append(
        "lowrank_http_requests_total{endpoint=\"\(kind.endpoint)\",status=\"\(kind.status)\"} \(count)"
      )
    }
  }

  /// The whole text.
  var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func add(_ metrics: EngineMetrics) {
    counter("prompt_tokens_total", "Tokens of prompts that were read.", metrics.promptTokens)
    counter("generated_tokens_total", "Tokens that were added.", metrics.generatedTokens)
    counter("passes_total", "Passes of the model.", metrics.passes)
    counter("rows_total", "Rows of all passes.", metrics.rows)
    head("requests_finished_total", "Sequences that ended, by the reason.", "counter")
    for reason in FinishReason.allCases {
      lines.append(
        "lowrank_requests_finished_total{reason=\"\(reason.rawValue)\"} \(metrics.finished[reason] ?? 0)"
      )
    }
    counter("requests_cancelled_total", "Sequences that were given up.", metrics.cancelled)
    counter("requests_failed_total", "Sequences that failed.", metrics.failed)
    counter("preemptions_total", "Sequences that lost their pages to others.", metrics.preemptions)
    gauge("requests_running", "Sequences that are continued.", metrics.running)
    gauge("requests_waiting", "Sequences that wait.", metrics.waiting)
    gauge("cache_pages", "Pages of the cache.", metrics.pages)
    gauge("cache_pages_used", "Pages that sequences use.", metrics.usedPages)
    gauge("cache_pages_known", "Pages that hold known prefixes.", metrics.knownPages)
    counter("cache_found_tokens_total", "Tokens found in the cache.", metrics.foundTokens)
    counter(
      "cache_looked_for_tokens_total", "Tokens looked for in the cache.", metrics.lookedForTokens)
    histogram("first_token_seconds", "From arrival to the first token.", metrics.firstToken)
    histogram("between_tokens_seconds", "From a token to the next.", metrics.betweenTokens)
    histogram("request_seconds", "From arrival to the end.", metrics.whole)
  }

  private mutating func head(_ name: String, _ help: String, _ type: String) {
    lines.append("# HELP lowrank_\(name) \(help)")
    lines.append("# TYPE lowrank_\(name) \(type)")
  }

  private mutating func counter(_ name: String, _ help: String, _ value: Int) {
    head(name, help, "counter")
    lines.append("lowrank_\(name) \(value)")
  }

  private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    head(name, help, "gauge")
    lines.append("lowrank_\(name) \(value)")
  }

  private mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
    head(name, help, "histogram")
    var count = 0
    for (bound, own) in zip(Histogram.bounds, histogram.counts) {
      count += own
      lines.append("lowrank_\(name)_bucket{le=\"\(bound)\"} \(count)")
    }
    lines.append("lowrank_\(name)_bucket{le=\"+Inf\"} \(histogram.count)")
    lines.append("lowrank_\(name)_sum \(histogram.sum)")
    lines.append("lowrank_\(name)_count \(histogram.count)")
  }
}
