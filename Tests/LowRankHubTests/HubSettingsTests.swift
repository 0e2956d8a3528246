import Foundation
import LowRankHub
import Testing

@Suite struct `The environment` {
  @Test(arguments: [
    (["HOME": "/h"], "/h/.cache/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "~/f"], "/h/f/hub"),
    (["HF_HOME": "$D/f", "D": "/d"], "/d/f/hub"),
    (["HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (["HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
  ])
  func `says where the cache is, as it does for Python`(
    variables: [String: String], cache: String
  ) throws {
    #expect(try HubSettings(environment: variables).cache == cache)
  }

  @Test(arguments: [
    ([:], false), (["HF_HUB_OFFLINE": "1"], true), (["HF_HUB_OFFLINE": "yes"], true),
    (["HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"], false),
    (["HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "True"], true),
  ])
  func `forbids requests`(variables: [String: String], isOffline: Bool) throws {
    #expect(try HubSettings(environment: variables).isOffline == isOffline)
  }

  @Test func `holds the token, or a file does, unless it is not to be used`() throws {
    let home = FileManager.default.temporaryDirectory.appending(path: "lowrank-home-\(UUID())")
    defer { try? FileManager.default.removeItem(at: home) }
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try Data("hf_file\n".utf8).write(to: home.appending(path: "token"))
    func token(_ more: [String: String]) throws -> String? {
      try HubSettings(environment: ["HF_HOME": home.path].merging(more) { $1 }).token
    }
    #expect(try token([:]) == "hf_file")
    #expect(try token(["HF_TOKEN": " hf_x "]) == "hf_x")
    #expect(try token(["HUGGING_FACE_HUB_TOKEN": "hf_old"]) == "hf_old")
    #expect(try token(["HF_TOKEN_PATH": "/nowhere"]) == nil)
    #expect(try token(["HF_TOKEN": "hf_x", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) == nil)
  }

  @Test func `is refused where it makes no sense, without showing a token`() {
    for (name, value) in [
      ("HF_ENDPOINT", "ftp://x"), ("HF_ENDPOINT", "http://127.0.0.1:99999"),
      ("HF_ENDPOINT", "huggingface.co"), ("HF_HUB_ETAG_TIMEOUT", "x"),
      ("HF_HUB_DOWNLOAD_TIMEOUT", "-1"),
    ] {
      #expect { try HubSettings(environment: [name: value]) } throws: { "\($0)".contains(name) }
    }
    #expect { try HubSettings(environment: ["HF_TOKEN": "hf_se\ncret"]) } throws: { error in
      "\(error)".contains("HF_TOKEN") && !"\(error)".contains("cret")
    }
  }
}
