import LowRankHTTP

/// What an address asks for.
enum Route: Equatable {
  case page
  case asset(Asset)
  case runs
  case run(String)
  /// The points of a run: thinned from the beginning, or one by one after a place.
  case points(String, after: Int64?)
  case events(run: String?, after: Int64)

  /// Reads an address; `token` is left to ``Access``.
  init(_ address: String) throws {
    let parts = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query = parts.count > 1 ? parts[1] : nil
    let path = parts.first.map(String.init) ?? ""
    switch path {
    case "/":
      _ = try Query(query, allowing: ["run", "token"]).run()
      self = .page
    case "/api/runs":
      _ = try Query(query, allowing: [])
      self = .runs
    case "/events":
      let query = try Query(query, allowing: ["run", "after"])
      self = .events(run: try query.run(), after: try query.after() ?? 0)
    default:
      if let asset = Asset.all[path] {
        _ = try Query(query, allowing: [])
        self = .asset(asset)
        return
      }
      let names = path.split(separator: "/", omittingEmptySubsequences: false)
      if names.count == 4, path.hasPrefix("/api/runs/") {
        _ = try Query(query, allowing: [])
        self = .run(try Query.run(names[3]))
      } else if names.count == 5, path.hasPrefix("/api/runs/"), names[4] == "points" {
        let query = try Query(query, allowing: ["after"])
        self = .points(try Query.run(names[3]), after: try query.after())
      } else {
        throw HTTPFailure(.notFound, "There is no such page.")
      }
    }
  }
}
