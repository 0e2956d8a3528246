import Foundation
import LowRankHub
import LowRankTestHub
import Testing

@Suite struct `A hub that fails` {
  struct Case: Sendable, CustomTestStringConvertible {
    let fault: Fault
    let kind: HubError.Kind
    let sentence: String
    var testDescription: String { "\(fault.kind.rawValue) at \(fault.path)" }
    init(_ fault: Fault, _ kind: HubError.Kind, _ sentence: String) {
      (self.fault, self.kind, self.sentence) = (fault, kind, sentence)
    }
  }

  @Test(arguments: [
    Case(Fault(.flip, "_store"), .mismatch, "does not have the hash"),
    Case(Fault(.flip, "config.json"), .mismatch, "does not have the hash"),
    Case(Fault(.length, "_store", amount: 1000), .mismatch, "1000 bytes are announced"),
    Case(Fault(.length, "config.json", amount: 1000), .mismatch, "1000 bytes are announced"),
    Case(Fault(.redirectLoop, "/api/"), .redirect, "redirects in a circle"),
    Case(Fault(.redirectLoop, "_store"), .redirect, "redirects in a circle"),
    Case(Fault(.redirect, "/api/", location: "ftp://x/y"), .redirect, "to ftp:, which is not http"),
    Case(Fault(.redirect, "/api/", location: "file:///etc/passwd"), .redirect, "file:"),
    Case(Fault(.gated, "/api/"), .gated, "accept its terms at"),
    Case(Fault(.gated, "resolve"), .gated, "set HF_TOKEN"),
    Case(Fault(.notJSON, "/api/"), .foreign, "what is no JSON"),
    Case(Fault(.html, "/api/"), .foreign, "a web page: no hub is there"),
    Case(Fault(.html, "resolve"), .foreign, "a web page instead of"),
    Case(Fault(.status, "/api/", seconds: 3600, status: 429), .limited, "try again in 3600 s"),
    Case(Fault(.status, "/api/", status: 429), .limited, "no more requests"),
    Case(Fault(.status, "/api/", status: 503), .failing, "fails with status 503"),
    Case(Fault(.status, "_store", status: 500), .failing, "fails with status 500"),
    Case(Fault(.status, "/api/", status: 418), .foreign, "status 418"),
    Case(
      Fault(.lists, "/api/", location: "../x"), .mismatch, "\"../x\", which is not a path inside"),
    Case(Fault(.lists, "/api/", location: "/etc/x"), .mismatch, "not a path inside"),
    Case(Fault(.lists, "/api/", location: "a/./x"), .mismatch, "not a path inside"),
    Case(Fault(.lists, "/api/", location: "a\u{0}x"), .mismatch, "not a path inside"),
    Case(Fault(.cut, "_store", amount: 0), .cut, "was lost: try again"),
  ])
  func `gets one sentence`(_ given: Case) async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(given.fault)
      let failure = try await shop.failure()
      let error = try #require(failure)
      #expect(error.kind == given.kind, "\(error)")
      #expect(error.description.contains(given.sentence), "\(error)")
      #expect(!error.description.contains("\n"))
      #expect(!FileManager.default.fileExists(atPath: shop.cached().path + "/refs/main"))
    }
  }

  @Test func `that stalls is told how long it was waited for`() async throws {
    try await HubWorkshop.run { shop in
      for (path, sentence) in [("config.json", "1 s"), ("_store", "HF_HUB_DOWNLOAD_TIMEOUT")] {
        shop.hub.recover()
        shop.hub.fail(Fault(.stall, path, amount: 5, seconds: 20))
        var settings = try shop.settings(["HF_HUB_DOWNLOAD_TIMEOUT": "1"])
        settings.attempts = 2
        let name = try HubName(HubWorkshop.name)
        let error = await #expect(throws: HubError.self) {
          try await Hub(settings).snapshot(of: name, .model)
        }
        #expect(error?.kind == .stalled && error?.description.contains(sentence) == true)
      }
    }
  }

  @Test(arguments: [
    Fault(.status, "/api/", times: 2, seconds: 0, status: 503),
    Fault(.status, "resolve", times: 3, status: 429), Fault(.flip, "_store", times: 1),
    Fault(.length, "_store", times: 1, amount: 10), Fault(.longer, "_store", times: 1, amount: 10),
    Fault(.drip, "config.json", amount: 4, seconds: 0.01),
  ])
  func `for a while is tried again`(fault: Fault) async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(fault)
      let folder = try await shop.pull().folder
      for file in ["config.json", "model.safetensors"] {
        #expect(
          FileManager.default.contents(atPath: folder.path + "/" + file)
            == shop.hub.file(HubWorkshop.name, file))
      }
    }
  }

  @Test func `leaves nothing of a file whose bytes are wrong`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(Fault(.flip, "_store", amount: 0))
      #expect(try await shop.failure()?.kind == .mismatch)
      #expect(shop.transfers.count == 2)
      let blobs = try FileManager.default.contentsOfDirectory(atPath: shop.cached().path + "/blobs")
      #expect(blobs.count == 2 && !blobs.contains { $0.hasSuffix("incomplete") })
    }
  }

  @Test(arguments: [
    Fault(.status, "/api/", status: 503), Fault(.html, "/api/"),
    Fault(.status, "/api/", seconds: 900, status: 429),
  ])
  func `does not matter where everything was fetched before`(fault: Fault) async throws {
    try await HubWorkshop.run { shop in
      let before = try await shop.pull()
      shop.hub.fail(fault)
      shop.hub.clearLog()
      #expect(try await shop.pull().folder == before.folder)
      #expect(shop.hub.log.count == 1)
      #expect(try await shop.failure("owner/model@v1")?.kind != nil)
    }
  }

  @Test func `says what is absent, private, gated, and what a token may not`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.add(TestToken("hf_in"))
      shop.hub.add(TestToken("hf_out", opensGated: false))
      func check(_ name: String, _ token: String?, _ sentence: String) async throws {
        let variables = token.map { ["HF_TOKEN": $0] } ?? [:]
        let said = try await shop.failure(name, .model, variables)?.description ?? "nothing"
        #expect(said.contains(sentence), "\(said)")
      }
      try await check("a/none", nil, "has no model a/none, or it is private")
      try await check("a/none", "hf_in", "whether HF_TOKEN may read it")
      try await check("owner/model@v9", nil, "has no revision \"v9\"")
      try await check("owner/model", "hf_wrong", "refuses the token")
      shop.hub.restrict(HubWorkshop.name, isGated: true)
      try await check("owner/model", nil, "is gated: accept its terms")
      try await check("owner/model", "hf_out", "HF_TOKEN is of that account")
      try await check("owner/model", "hf_in", "nothing")
      shop.hub.restrict(HubWorkshop.name, isPrivate: true)
      try await check("owner/model@v1", nil, "or set HF_TOKEN")
    }
  }

  @Test func `and is not there, or not to be asked, is told apart`() async throws {
    try await HubWorkshop.run { shop in
      let closed = ["HF_ENDPOINT": "http://127.0.0.1:1"]
      let failure = try await shop.failure(HubWorkshop.name, .model, closed)
      let error = try #require(failure)
      #expect(error.kind == .unreachable && error.description.contains("connection is refused"))
      let offline = try await shop.failure(HubWorkshop.name, .model, ["HF_HUB_OFFLINE": "1"])
      #expect(offline?.kind == .offline)
      #expect(offline?.description.contains("owner/model is not in") == true)
      let commit = try await shop.pull().commit
      #expect(try await shop.pull(HubWorkshop.name, .model, closed).commit == commit)
    }
  }

  @Test func `that is spoken to in TLS though it speaks none is no question of certificates`()
    async throws
  {
    try await HubWorkshop.run { shop in
      let secure = ["HF_ENDPOINT": shop.hub.url.replacing("http:", with: "https:")]
      var settings = try shop.settings(secure)
      settings.attempts = 1
      let name = try HubName(HubWorkshop.name)
      let error = await #expect(throws: HubError.self) {
        try await Hub(settings).snapshot(of: name, .model)
      }
      #expect(
        error?.description.contains("does not speak TLS") == true, "\(String(describing: error))")
    }
  }
}
