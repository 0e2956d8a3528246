import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `Publishing where the system refuses` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }

  init() throws { folder = try TemporaryFolder() }

  @Test func `without permission is one sentence`() async throws {
    #expect(chmod(folder.url.path, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = destination.path as String] in
      if geteuid() == 0 { #expect(seteuid(65534) == 0) }  // the administrator may do everything
      let error = #expect(throws: FileError.self) {
        try publishFolder(at: URL(fileURLWithPath: path)) { _ in }
      }
      #expect(error?.description == "cannot write \(path): Permission denied")
    }
    #expect(chmod(folder.url.path, 0o755) == 0)
  }

  @Test func `by the limit on a file's size is one sentence, where the signal is ignored`()
    async throws
  {
    await #expect(processExitsWith: .success) { [path = destination.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = #expect(throws: FileError.self) {
        try publishFolder(at: URL(fileURLWithPath: path)) {
          let file = try OutputFile(at: $0.appending(path: "text"))
          try file.write(Array(repeating: 0, count: 1001))
          try file.close()
        }
      }
      #expect(error?.description == "cannot write \(path)/text: File too large")
    }
    #expect(try folder.contents.isEmpty)
  }

  @Test(.enabled(if: URL(filePath: "/proc/self").isReachable))
  func `where no folder can be made is one sentence`() {
    let error = #expect(throws: FileError.self) {
      try probeWritable(URL(filePath: "/proc/lowrank/out"))
    }
    #expect(error?.description == "cannot create /proc/lowrank: No such file or directory")
  }
}

extension URL {
  fileprivate var isReachable: Bool { (try? checkResourceIsReachable()) == true }
}
