import Foundation
import LowRankHub
import LowRankTestHub
import LowRankTestNetwork
import Testing

@Suite struct `A hub with TLS` {
  private static func run(
    _ certificate: TestCertificate, host: String = "127.0.0.1",
    _ body: (HubWorkshop, TLSFront, _ trusted: URL) async throws -> Void
  ) async throws {
    try await HubWorkshop.run { shop in
      let front = try TLSFront(to: shop.hub.port, certificate)
      defer { front.stop() }
      shop.hub.isReached(at: "https://\(host):\(front.port)")
      let folder = shop.home.appending(path: "trusted")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try certificate.write(to: folder.appending(path: "one.pem").path)
      try certificate.write(intoFolder: folder.path)
      try await body(shop, front, folder)
    }
  }

  @Test(arguments: [
    ("SSL_CERT_FILE", "/one.pem"), ("SSL_CERT_DIR", ""), ("REQUESTS_CA_BUNDLE", "/one.pem"),
    ("REQUESTS_CA_BUNDLE", ""), ("CURL_CA_BUNDLE", "/one.pem"),
  ])
  func `is trusted where a variable says so`(variable: String, path: String) async throws {
    try await Self.run(TestCertificate()) { shop, front, trusted in
      let snapshot = try await shop.pull(
        HubWorkshop.name, .model,
        ["HF_ENDPOINT": "https://127.0.0.1:\(front.port)", variable: trusted.path + path])
      #expect(
        FileManager.default.contents(atPath: snapshot.folder.path + "/model.safetensors")
          == shop.weights)
      #expect(front.connections > 0)
      #expect(front.offered == ["h2", "http/1.1"])
    }
  }

  @Test func `is refused where no variable says so, and the sentence names it`() async throws {
    let other = try TestCertificate()
    try await Self.run(TestCertificate()) { shop, front, trusted in
      let endpoint = ["HF_ENDPOINT": "https://127.0.0.1:\(front.port)"]
      let path = trusted.appending(path: "other.pem").path
      try other.write(to: path)
      for (more, variable) in [
        ([:], "SSL_CERT_FILE"), (["SSL_CERT_FILE": path], "SSL_CERT_FILE"),
        (["CURL_CA_BUNDLE": path], "CURL_CA_BUNDLE"),
        // The first of the variables decides.
        (["SSL_CERT_FILE": path, "SSL_CERT_DIR": trusted.path], "SSL_CERT_FILE"),
      ] as [([String: String], String)] {
        let error = try await shop.failure(
          HubWorkshop.name, .model, endpoint.merging(more) { $1 })
        #expect(error?.kind == .certificate)
        let said = error?.description ?? ""
        #expect(said.contains("127.0.0.1:\(front.port) is not trusted: "), "\(said)")
        #expect(said.contains("set \(variable) to a file"), "\(said)")
      }
      #expect(shop.hub.log.isEmpty)
    }
  }

  @Test(arguments: [
    ("DNS:localhost,IP:127.0.0.1", -9..<(-1), "has expired"),
    ("DNS:localhost,IP:127.0.0.1", 1..<9, "is not valid yet"),
    ("DNS:other.invalid", -1..<9, "is for another host"),
  ])
  func `is refused with a certificate of another time or host`(
    names: String, days: Range<Int>, sentence: String
  ) async throws {
    try await Self.run(TestCertificate(for: names, days: days)) { shop, front, trusted in
      for host in ["127.0.0.1", "localhost"] {
        let error = try await shop.failure(
          HubWorkshop.name, .model,
          [
            "HF_ENDPOINT": "https://\(host):\(front.port)",
            "SSL_CERT_FILE": trusted.path + "/one.pem",
          ])
        #expect(error?.kind == .certificate)
        #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
      }
      #expect(shop.hub.log.isEmpty)
    }
  }

  @Test func `is not asked with certificates that cannot be read`() async throws {
    try await HubWorkshop.run { shop in
      try FileManager.default.createDirectory(at: shop.home, withIntermediateDirectories: true)
      let text = shop.home.appending(path: "text.pem").path
      try Data("no certificate".utf8).write(to: URL(filePath: text))
      let endpoint = ["HF_ENDPOINT": "https://127.0.0.1:1"]
      for (variable, path) in [
        ("SSL_CERT_FILE", "/nowhere.pem"), ("SSL_CERT_FILE", shop.home.path),
        ("SSL_CERT_DIR", "/nowhere"), ("REQUESTS_CA_BUNDLE", "/nowhere"),
      ] {
        let error = try await shop.failure(
          HubWorkshop.name, .model, endpoint.merging([variable: path]) { $1 })
        #expect(error?.kind == .malformed)
        #expect(error?.description.hasPrefix("\(variable) is \"\(path)\"") == true)
      }
      let front = try TLSFront(to: shop.hub.port, TestCertificate())
      defer { front.stop() }
      let error = try await shop.failure(
        HubWorkshop.name, .model,
        ["HF_ENDPOINT": "https://127.0.0.1:\(front.port)", "SSL_CERT_FILE": text])
      #expect(
        error?.description.contains("expected certificates in PEM form") == true,
        "\(String(describing: error))")
    }
  }

  @Test func `keeps its connections, and gets the token over them`() async throws {
    try await Self.run(TestCertificate()) { shop, front, trusted in
      shop.hub.add(TestToken("hf_me", user: "me"))
      var settings = try shop.settings([
        "HF_ENDPOINT": "https://127.0.0.1:\(front.port)", "HF_TOKEN": "hf_me",
        "SSL_CERT_FILE": trusted.path + "/one.pem",
      ])
      settings.attempts = 1
      var push = HubPush(
        [
          PushFile("adapter_config.json", Array("{}".utf8)),
          PushFile("a.bin", [UInt8](shop.weights)),
        ],
        to: try HubName("me/adapter"), message: "Add it")
      _ = try await push.run(settings)
      #expect(shop.hub.file("me/adapter", "a.bin") == shop.weights)
      let before = front.connections
      push.files[0] = PushFile("adapter_config.json", Array("{\"r\": 8}".utf8))
      _ = try await push.run(settings)
      // One for all requests one after another, and one that only the commit has.
      #expect(front.connections == before + 2)
      #expect(shop.hub.log.count >= 6 && shop.hub.log.allSatisfy(\.hasAuthorization))
    }
  }
}
