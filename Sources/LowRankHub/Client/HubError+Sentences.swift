extension HubError {
  static func badName(_ text: String) -> Self {
    Self(
      .malformed, "\"\(text)\" is not a name on the hub: expected owner/name or owner/name@revision"
    )
  }

  static func badRevision(_ revision: String, in text: String) -> Self {
    Self(
      .malformed,
      "\"\(text)\" names no revision after @: expected a branch, a tag or a commit, found \"\(revision)\""
    )
  }

  static func badSetting(_ name: String, _ value: String, expected: String) -> Self {
    Self(.malformed, "\(name) is \"\(value)\", expected \(expected)")
  }

  static func unreadableToken(in source: String) -> Self {
    Self(.token, "\(source) holds no token: expected one line of letters and digits")
  }

  static func gated(_ name: HubName, _ endpoint: String, hasToken: Bool) -> Self {
    Self(
      .gated,
      "\(name.id) is gated: accept its terms at \(endpoint)/\(name.page), and "
        + (hasToken
          ? "see that HF_TOKEN is of that account" : "set HF_TOKEN to a token of that account"))
  }

  static func absent(_ name: HubName, _ endpoint: String, hasToken: Bool) -> Self {
    Self(
      .absent,
      "\(endpoint) has no \(name.kind.rawValue) \(name.id), or it is private: check the name, "
        + (hasToken
          ? "and whether HF_TOKEN may read it" : "or set HF_TOKEN to a token that may read it"))
  }

  static func noRevision(_ name: HubName, _ endpoint: String) -> Self {
    Self(
      .revision,
      "\(name.id) has no revision \"\(name.revision)\": \(endpoint)/\(name.page)/tree/main shows its branches and tags"
    )
  }

  static func refusedToken(_ endpoint: String) -> Self {
    Self(
      .token,
      "\(endpoint) refuses the token: set HF_TOKEN to a valid one, or unset it for public repositories"
    )
  }

  static func offline(_ name: HubName, missing: [String], in cache: String) -> Self {
    let state =
      missing.isEmpty
      ? "is not in \(cache)" : "is in \(cache) without \(missing.joined(separator: ", "))"
    return Self(
      .offline,
      "\(name) \(state), and HF_HUB_OFFLINE is set: unset it to fetch from the hub, or copy the cache of a machine that has it"
    )
  }

  static func noSpace(needed: Int, free: Int, in folder: String) -> Self {
    Self(
      .space,
      "\(folder) has \(text(free)) free, \(text(needed)) are needed: make room, or set HF_HUB_CACHE to another disk"
    )
  }

  static func pickled(_ name: HubName, _ file: String) -> Self {
    Self(
      .content,
      "\(name.id) has its weights only as \(file), which is not read from the hub: choose a repository "
        + "or a revision with safetensors, such as @refs/pr/… of the hub's own conversion")
  }

  static func lacks(_ name: HubName, _ what: String) -> Self {
    Self(.content, "\(name) \(what)")
  }

  static func unsafePath(_ path: String, in name: HubName) -> Self {
    Self(
      .mismatch,
      "\(name.id) lists the file \"\(path)\", which is not a path inside it: nothing is fetched")
  }

  static func mismatch(_ file: String, _ problem: String) -> Self {
    Self(.mismatch, "\(file): \(problem); try again, or report it to the owner of the repository")
  }

  static func foreign(_ address: String, _ found: String) -> Self {
    Self(
      .foreign,
      "\(address) answers with \(found): no hub is there; check HF_ENDPOINT, and whether the network asks for a login"
    )
  }

  static func stalled(_ host: String, seconds: Int, variable: String) -> Self {
    Self(
      .stalled, "\(host) stalled: nothing came for \(seconds) s; try again, or raise \(variable)")
  }

  static func limited(_ host: String, delay: Int?) -> Self {
    Self(
      .limited,
      "\(host) takes no more requests for now"
        + (delay.map { ": try again in \($0) s" } ?? ": try again later") + ", or set HF_TOKEN",
      delay: delay)
  }

  static func failing(_ host: String, status: Int, delay: Int?) -> Self {
    Self(.failing, "\(host) fails with status \(status): try again later", delay: delay)
  }

  /// Bytes as people say them.
  package static func text(_ bytes: Int) -> String {
    var (value, unit) = (Double(bytes), "bytes")
    for larger in ["kB", "MB", "GB", "TB"] where value >= 1000 {
      (value, unit) = (value / 1000, larger)
    }
    let digits = unit == "bytes" || value >= 100 ? 1.0 : 10.0
    let rounded = (value * digits).rounded() / digits
    return "\(rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)) \(unit)"
  }
}
