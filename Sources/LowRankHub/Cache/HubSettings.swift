import Foundation

/// Where the hub and its cache are, and what may be asked of it, as `huggingface_hub` reads it from the environment.
public struct HubSettings: Sendable {
  /// The hub's address, without a slash at its end.
  public var endpoint: String
  /// The folder of the cache: `HF_HUB_CACHE`.
  public var cache: String
  /// The secret that opens private and gated repositories; it is sent to the endpoint alone.
  public var token: String?
  /// Whether no request may be made.
  public var isOffline: Bool
  /// How long an answer about a repository may take, in seconds.
  public var metadataTimeout: Int
  /// How long a download may stand still, in seconds.
  public var downloadTimeout: Int
  /// Whether files are put into snapshots themselves, where links to them would do.
  public var copiesFiles: Bool
  /// The proxies of the environment.
  var proxies: Proxies
  /// The certificates to trust instead of the system's, if the environment names any.
  var certificates: Certificates?
  /// How often something that may pass is tried.
  public var attempts = 5
  /// The wait before the second try, in seconds; it doubles with each.
  public var firstDelay = 0.5

  /// Reads the environment.
  ///
  /// - Throws: `HubError` where a variable makes no sense.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(HubError) {
    let variables = Variables(environment)
    let home = variables.path("HF_HOME") ?? variables.defaultHome
    cache =
      variables.path("HF_HUB_CACHE") ?? variables.path("HUGGINGFACE_HUB_CACHE") ?? "\(home)/hub"
    endpoint = try Self.endpoint(environment["HF_ENDPOINT"] ?? "")
    isOffline =
      variables.isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    token =
      try variables.isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")
      ? nil : Self.token(environment, file: variables.path("HF_TOKEN_PATH") ?? "\(home)/token")
    metadataTimeout = try variables.seconds("HF_HUB_ETAG_TIMEOUT") ?? 10
    downloadTimeout = try variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT") ?? 10
    copiesFiles = variables.isTrue("HF_HUB_DISABLE_SYMLINKS")
    proxies = try Proxies(environment)
    certificates = Certificates(environment)
  }

  private static func endpoint(_ text: String) throws(HubError) -> String {
    var text = text.isEmpty ? "https://huggingface.co" : text
    while text.hasSuffix("/") { text.removeLast() }
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
      url.host?.isEmpty == false, url.user == nil, (1...65_535).contains(url.port ?? 80)
    else {
      // A password in it is not for the screen.
      let shown = text.contains("@") ? "…" : text
      throw .badSetting("HF_ENDPOINT", shown, expected: "an address as https://huggingface.co")
    }
    return text
  }

  private static func token(_ environment: [String: String], file: String) throws(HubError)
    -> String?
  {
    let (text, source): (String, String)
    if let given = environment["HF_TOKEN"], !given.isEmpty {
      (text, source) = (given, "HF_TOKEN")
    } else if let given = environment["HUGGING_FACE_HUB_TOKEN"], !given.isEmpty {
      (text, source) = (given, "HUGGING_FACE_HUB_TOKEN")
    } else if let data = FileManager.default.contents(atPath: file) {
      (text, source) = (String(decoding: data, as: UTF8.self), file)
    } else {
      return nil
    }
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    // What no header can carry never reaches one, and is not shown either.
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw .unreadableToken(in: source)
    }
    return token.isEmpty ? nil : token
  }
}
