import Foundation
import LowRankHub
import LowRankTestHub
import Testing

@Suite struct `The token` {
  private static let token = ["HF_TOKEN": "hf_secret"]

  @Test func `goes to the hub and to no other host`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.add(TestToken("hf_secret"))
      shop.hub.restrict(HubWorkshop.name, isPrivate: true)
      try await shop.pull(HubWorkshop.name, .model, Self.token)
      let host = try #require(URL(string: shop.hub.url)?.port).description
      let own = shop.hub.log.filter { $0.host == "127.0.0.1:\(host)" }
      let others = shop.hub.log.filter { $0.host != "127.0.0.1:\(host)" }
      #expect(!own.isEmpty && own.allSatisfy { $0.hasAuthorization })
      #expect(!others.isEmpty && others.allSatisfy { !$0.hasAuthorization })
    }
  }

  @Test func `does not follow a redirect to another port or host`() async throws {
    try await TestHub.run { other in
      try await HubWorkshop.run { shop in
        shop.hub.add(TestToken("hf_secret"))
        for location in [other.url + "/api/models/owner/model", shop.hub.storeURL + "/x"] {
          shop.hub.recover()
          shop.hub.fail(Fault(.redirect, "/api/", times: 1, location: location))
          let error = try await shop.failure(HubWorkshop.name, .model, Self.token)
          #expect(error != nil)
        }
        #expect(other.log.count == 1 && other.log.allSatisfy { !$0.hasAuthorization })
        let elsewhere = shop.hub.log.filter { $0.host.hasPrefix("localhost") }
        #expect(elsewhere.count == 1 && elsewhere.allSatisfy { !$0.hasAuthorization })
      }
    }
  }

  @Test func `goes to no address that libcurl reads as another's`() async throws {
    try await HubWorkshop.run { shop in
      // For libcurl, a number is an address; for Foundation, it is a name.
      let address = "http://0x7f000001:\(shop.hub.port)"
      let error = try await shop.failure(
        HubWorkshop.name, .model, Self.token.merging(["HF_ENDPOINT": address]) { $1 })
      #expect(error?.description.contains("can be read as another server's") == true)
      #expect(shop.hub.log.isEmpty)
    }
  }

  @Test func `is in no sentence`() async throws {
    try await HubWorkshop.run { shop in
      for fault in [
        Fault(.gated, "/api/"), Fault(.status, "/api/", status: 503), Fault(.html, "/api/"),
        Fault(.redirectLoop, "/api/"),
      ] {
        shop.hub.recover()
        shop.hub.add(TestToken("hf_secret"))
        shop.hub.fail(fault)
        let failure = try await shop.failure(HubWorkshop.name, .model, Self.token)
        let error = try #require(failure)
        #expect(!error.description.contains("hf_secret"))
      }
    }
  }

  @Test func `is not sent where it is not to be used by itself`() async throws {
    try await HubWorkshop.run { shop in
      try await shop.pull(
        HubWorkshop.name, .model,
        ["HF_TOKEN": "hf_secret", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"])
      #expect(shop.hub.log.allSatisfy { !$0.hasAuthorization })
    }
  }
}
