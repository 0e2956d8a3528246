import Foundation
import LowRankHub
import Testing

@Suite struct `The proxies' variables` {
  private static func proxy(_ environment: [String: String], _ address: String) throws -> String? {
    let url = try #require(URL(string: address))
    return try Proxies(environment).proxy(for: url)?.address
  }

  @Test(
    arguments: [
      (["http_proxy": "http://p:1"], "http://h/", "http://p:1"),
      (["HTTP_PROXY": "p:1"], "http://h/", "http://p:1"),
      (["http_proxy": "http://p:1", "HTTP_PROXY": "http://q:2"], "http://h/", "http://p:1"),
      (["http_proxy": "http://p:1"], "https://h/", nil),
      (["HTTPS_PROXY": "http://p"], "https://h/", "http://p:80"),
      (["https_proxy": "https://p"], "https://h/", "https://p:443"),
      (["all_proxy": "socks5h://p"], "https://h/", "socks5h://p:1080"),
      (["ALL_PROXY": "http://p:1", "https_proxy": "http://q:2"], "https://h/", "http://q:2"),
      (["ALL_PROXY": "http://[::1]:3"], "http://h/", "http://[::1]:3"),
      // Python takes an empty variable in small letters for the wish to have none.
      (["https_proxy": "", "HTTPS_PROXY": "http://p:1"], "https://h/", nil),
      // What a web server made of a request's header Proxy is not the user's wish.
      (["HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"], "http://h/", nil),
      (["http_proxy": "http://p:1", "REQUEST_METHOD": "GET"], "http://h/", "http://p:1"),
      (["HTTPS_PROXY": "http://p:1", "REQUEST_METHOD": "GET"], "https://h/", "http://p:1"),
    ] as [([String: String], String, String?)])
  func `name the proxy of a scheme`(
    environment: [String: String], address: String, expected: String?
  ) throws {
    #expect(try Self.proxy(environment, address) == expected)
  }

  @Test(arguments: [
    ("*", "http://any/", true), ("h.org", "http://h.org/", true),
    ("h.org", "http://a.h.org/", true),
    (".h.org", "http://a.h.org/", true), ("*.h.org", "http://a.h.org/", true),
    (".h.org", "http://h.org/", true), ("h.org", "http://xh.org/", false),
    ("h.org:81", "http://h.org:81/", true), ("h.org:81", "http://h.org/", false),
    ("h.org:443", "https://h.org/", true), ("other, H.ORG ,", "http://h.org/", true),
    ("10.0.0.0/8", "http://10.1.2.3/", true), ("10.0.0.0/9", "http://10.200.2.3/", false),
    ("10.0.0.0/8", "http://h.org/", false), ("10.1.2.3", "http://10.1.2.3:99/", true),
    ("2.3", "http://10.1.2.3/", false), ("fd00::/8", "http://[fd12::1]/", true),
    ("::1", "http://[::1]:9/", true), ("[::1]", "http://[::1]:9/", true),
    ("[::1]:8", "http://[::1]:9/", false), ("", "http://h.org/", false),
  ])
  func `except hosts, those below them, and networks`(
    list: String, address: String, isDirect: Bool
  ) throws {
    for name in ["no_proxy", "NO_PROXY"] {
      let proxy = try Self.proxy(["ALL_PROXY": "http://p:1", name: list], address)
      #expect((proxy == nil) == isDirect)
    }
  }

  @Test(arguments: ["ftp://p:1", "http://", "http://p:99999", "http://me:secret@p:0"])
  func `that name no proxy are refused, without their passwords`(text: String) {
    for name in ["http_proxy", "HTTPS_PROXY", "all_proxy"] {
      #expect { try HubSettings(environment: [name: text]) } throws: { error in
        (error as? HubError)?.kind == .malformed && "\(error)".contains(name)
          && "\(error)".contains("http://host:port") && !"\(error)".contains("secret")
      }
    }
  }
}
