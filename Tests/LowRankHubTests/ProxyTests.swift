import Foundation
import LowRankHub
import LowRankTestHub
import LowRankTestNetwork
import Testing

@Suite struct `A proxy` {
  /// A hub that is called what only the proxy understands.
  private static func run(
    _ proxy: ForwardProxy, _ body: (HubWorkshop, _ address: String) async throws -> Void
  ) async throws {
    defer { proxy.stop() }
    try await HubWorkshop.run { shop in
      let address = "http://hub.invalid:\(shop.hub.port)"
      shop.hub.isReached(at: address)
      try await body(shop, address)
    }
  }

  @Test(arguments: ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
  func `is asked for everything`(variable: String) async throws {
    let proxy = try ForwardProxy()
    try await Self.run(proxy) { shop, address in
      let snapshot = try await shop.pull(
        HubWorkshop.name, .model, ["HF_ENDPOINT": address, variable: proxy.url])
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
      #expect(proxy.asked.count == shop.hub.log.count)
      #expect(proxy.asked.allSatisfy { $0.method == "GET" && $0.target.hasPrefix(address) })
      #expect(shop.hub.log.allSatisfy { $0.host == "hub.invalid:\(shop.hub.port)" })
    }
  }

  @Test func `is not asked for hosts that no_proxy names`() async throws {
    let proxy = try ForwardProxy()
    defer { proxy.stop() }
    try await HubWorkshop.run { shop in
      try await shop.pull(
        HubWorkshop.name, .model, ["http_proxy": proxy.url, "no_proxy": "localhost,127.0.0.1"])
      #expect(proxy.asked.isEmpty)
      shop.hub.add(
        "owner/other", files: ["config.json": Data("{}".utf8), "model.safetensors": Data([1])])
      shop.hub.clearLog()
      try await shop.pull(
        "owner/other", .model, ["http_proxy": proxy.url, "no_proxy": "127.0.0.1"])
      // The store of large files has another name.
      #expect(proxy.asked.count == 1 && shop.hub.log.count > 1)
      #expect(proxy.asked.allSatisfy { $0.target.hasPrefix(shop.hub.storeURL) })
    }
  }

  @Test func `gets user and password, and says so where it wants them`() async throws {
    let proxy = try ForwardProxy(credentials: "me:se cret")
    try await Self.run(proxy) { shop, address in
      let place = "127.0.0.1:\(proxy.port)"
      try await shop.pull(
        HubWorkshop.name, .model,
        ["HF_ENDPOINT": address, "HTTP_PROXY": "http://me:se%20cret@\(place)"])
      #expect(proxy.asked.allSatisfy { $0.isPassed })
      for given in ["http://\(place)", "http://me:wrong@\(place)"] {
        let error = try await shop.failure(
          "owner/none", .model, ["HF_ENDPOINT": address, "HTTP_PROXY": given])
        #expect(error?.kind == .unreachable)
        let said = error?.description ?? ""
        #expect(said.contains("asks for a user and a password: set HTTP_PROXY"), "\(said)")
        #expect(!said.contains("wrong"))
      }
    }
  }

  @Test func `that is not there is named with its variable`() async throws {
    try await HubWorkshop.run { shop in
      for proxy in ["http://127.0.0.1:1", "http://proxy.invalid:80"] {
        let error = try await shop.failure(
          HubWorkshop.name, .model, ["http_proxy": proxy, "HF_HUB_ETAG_TIMEOUT": "30"])
        #expect(error?.kind == .unreachable)
        let said = error?.description ?? ""
        #expect(said.contains("the proxy \(proxy) cannot be reached, "), "\(said)")
        #expect(said.contains("check http_proxy, or name 127.0.0.1 in NO_PROXY"), "\(said)")
        #expect(
          said.contains("connection is refused") || said.contains("name is not known"), "\(said)")
      }
      #expect(shop.hub.log.isEmpty)
    }
  }

  @Test(arguments: [403, 502, 0])
  func `that refuses a connection says so`(status: Int) async throws {
    let proxy = try ForwardProxy(refusal: status)
    defer { proxy.stop() }
    try await HubWorkshop.run { shop in
      let error = try await shop.failure(
        HubWorkshop.name, .model,
        ["HF_ENDPOINT": "https://hub.invalid", "HTTPS_PROXY": proxy.url])
      #expect(error?.kind == .unreachable)
      let said = error?.description ?? ""
      #expect(said.contains("the proxy \(proxy.url) refuses to reach hub.invalid"), "\(said)")
      #expect(said.contains("check HTTPS_PROXY"), "\(said)")
      #expect(status == 0 || said.contains("status \(status)"), "\(said)")
    }
  }

  @Test func `passes TLS on, and sees neither token nor requests`() async throws {
    let proxy = try ForwardProxy(credentials: "me:secret")
    let certificate = try TestCertificate(for: "DNS:hub.invalid")
    try await Self.run(proxy) { shop, _ in
      let front = try TLSFront(to: shop.hub.port, certificate)
      defer { front.stop() }
      let address = "https://hub.invalid:\(front.port)"
      shop.hub.isReached(at: address)
      shop.hub.add(TestToken("hf_secret"))
      shop.hub.restrict(HubWorkshop.name, isPrivate: true)
      let file = shop.home.appending(path: "trusted.pem").path
      try FileManager.default.createDirectory(at: shop.home, withIntermediateDirectories: true)
      try certificate.write(to: file)
      let environment = [
        "HF_ENDPOINT": address, "HTTPS_PROXY": "http://me:secret@127.0.0.1:\(proxy.port)",
        "HF_TOKEN": "hf_secret",
      ]
      let snapshot = try await shop.pull(
        HubWorkshop.name, .model, environment.merging(["SSL_CERT_FILE": file]) { $1 })
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
      #expect(shop.hub.log.allSatisfy { $0.hasAuthorization })
      #expect(front.connections > 0 && proxy.asked.count == front.connections)
      for asked in proxy.asked {
        #expect(asked.method == "CONNECT" && asked.target == "hub.invalid:\(front.port)")
        #expect(asked.headers["proxy-authorization"]?.isEmpty == false)
        #expect(!"\(asked)".contains("hf_secret") && asked.headers["authorization"] == nil)
      }
      let error = try await shop.failure("owner/none", .model, environment)
      #expect(error?.kind == .certificate, "\(String(describing: error))")
    }
  }
}
