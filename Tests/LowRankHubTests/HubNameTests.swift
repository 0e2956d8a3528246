import LowRankHub
import Testing

@Suite struct `A name on the hub` {
  @Test(arguments: [
    ("Qwen/Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B", "main"), ("gpt2", "gpt2", "main"),
    ("a/b@v1.0", "a/b", "v1.0"), ("a/b@refs/pr/3", "a/b", "refs/pr/3"),
    ("a_b/c@feature/x_y", "a_b/c", "feature/x_y"),
  ])
  func `is a repository and a revision`(text: String, id: String, revision: String) throws {
    let name = try HubName(text)
    #expect(name.id == id && name.revision == revision && !name.isCommit)
  }

  @Test func `is given back as it was said`() throws {
    #expect(try HubName("a/b").description == "a/b")
    #expect(try HubName("a/b@v1").description == "a/b@v1")
  }

  @Test func `knows a commit, which is 40 small hexadecimal digits`() throws {
    let commit = String(repeating: "0a", count: 20)
    #expect(try HubName("a/b@\(commit)").isCommit)
    #expect(try !HubName("a/b@\(commit.uppercased())").isCommit)
    #expect(try !HubName("a/b@\(commit.dropLast())").isCommit)
  }

  @Test(arguments: [
    "", "/", "a/", "/b", "a/b/c", "a b", "a/b--c", "a..b", "-a/b", "a/b.", "a/b.git", "é/b",
    "a/b\0", String(repeating: "a", count: 97),
  ])
  func `that is none is refused`(text: String) {
    #expect { try HubName(text) } throws: { error in
      (error as? HubError)?.kind == .malformed && "\(error)".contains("expected owner/name")
    }
  }

  @Test(arguments: [
    "a/b@", "a/b@/x", "a/b@x/", "a/b@../x", "a/b@x/../y", "a/b@x y", "a/b@.x", "a/b@x.lock",
    "a/b@x//y", "a/b@x\0",
  ])
  func `with a revision that could leave its folder is refused`(text: String) {
    #expect { try HubName(text) } throws: { error in
      "\(error)".contains("names no revision after @")
    }
  }
}
