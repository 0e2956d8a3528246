import Foundation
import LowRank
import LowRankTesting
import Testing

/// A library put before OpenBLAS, that plays one of another version, or one whose results are wrong.
private final class OtherLibrary {
  let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-kernels-\(UUID())")
  private var library: String { folder.appending(path: "libother.so").path }
  private var starts: URL { folder.appending(path: "starts") }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = folder.appending(path: "other.c")
    try Self.code.write(to: source, atomically: true, encoding: .utf8)
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library, source.path, "-ldl"]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs the program over it, and counts how often it was started.
  func run(
    _ arguments: [String], without removed: [String] = [], _ environment: [String: String] = [:]
  ) throws -> (answer: Lowrank, starts: [String]) {
    try? FileManager.default.removeItem(at: starts)
    var given = environment
    given["OTHER_STARTS"] = starts.path
    let answer = try Lowrank(
      arguments, environment: given,
      launcher: ["env"] + removed.flatMap { ["-u", $0] } + ["LD_PRELOAD=\(library)"])
    let text = try String(contentsOf: starts, encoding: .utf8)
    return (answer, text.split(separator: "\n").map(String.init))
  }

  /// Notes each start of `lowrank` with its first argument; says that its kernels are those wished for, or Prescott's;
  /// spoils singular values, or crashes, with the kernels that OTHER_WRONG or OTHER_CRASHES name.
  private static let code = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    static int is(const char *name) {
      const char *wished = getenv("OPENBLAS_CORETYPE"), *listed = getenv(name);
      return wished && listed && strstr(listed, wished);
    }
    __attribute__((constructor)) static void start(int count, char **words) {
      const char *path = getenv("OTHER_STARTS"), *wished = getenv("OPENBLAS_CORETYPE");
      if (!path || count == 0 || !strstr(words[0], "lowrank")) return;
      FILE *file = fopen(path, "a");
      if (!file) return;
      fprintf(file, "%s %s\\n", words[0], wished ? wished : "none");
      fclose(file);
    }
    char *openblas_get_config(void) { return "OpenBLAS 0.3.21 DYNAMIC_ARCH MAX_THREADS=64"; }
    char *openblas_get_corename(void) {
      char *wished = getenv("OPENBLAS_CORETYPE");
      return wished ? wished : "Prescott";
    }
    int LAPACKE_dgesdd(int layout, char job, int m, int n, double *a, int lda, double *s,
                       double *u, int ldu, double *vt, int ldvt) {
      int (*right)(int, char, int, int, double *, int, double *, double *, int, double *, int) =
          dlsym(RTLD_NEXT, "LAPACKE_dgesdd");
      if (is("OTHER_CRASHES")) abort();
      int status = right(layout, job, m, n, a, lda, s, u, ldu, vt, ldvt);
      if (is("OTHER_WRONG")) s[0] *= 1.01;
      return status;
    }
    """
}

@Suite struct `The kernels of linear algebra` {
  private static let names = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "GOMP_SPINCOUNT"]

  @Test func `are told with the version`() throws {
    let answer = try Lowrank("--version", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    #expect(report["version"]?.string == (try Lowrank("--version").output.dropLast()).description)
    let algebra = try #require(report["linear_algebra"]?.object)
    // Where the library does not know the processor, the program starts with other kernels than this process has.
    if algebra["chosen_by"]?.string != "lowrank" {
      #expect(algebra["kernels"]?.string == LinearAlgebraLibrary.loaded.kernels)
    }
    #expect(algebra["library"]?.string == "OpenBLAS \(LinearAlgebraLibrary.loaded.version)")
  }

  @Test(.enabled(if: Processor.current.hasAVX2))
  func `are chosen in one start where the library does not know the processor`() throws {
    let other = try OtherLibrary()
    // Nothing is computed here.
    let (answer, starts) = try other.run(["--version", "--json"], without: Self.names)
    let best = Processor.current.hasAVX512 ? "SkylakeX" : "Haswell"
    #expect(starts == ["\(Lowrank.program.path) none", "\(Lowrank.program.path) \(best)"])
    let algebra = try #require(try answer.json()["linear_algebra"]?.object)
    #expect(algebra["kernels"]?.string == best && algebra["chosen_by"]?.string == "lowrank")
  }

  @Test func `are the library's own where it does not know what the user named`() throws {
    let answer = try Lowrank(
      ["--version", "--json"], environment: ["OPENBLAS_CORETYPE": "Nonsense"])
    let algebra = try #require(try answer.json()["linear_algebra"]?.object)
    #expect(algebra["kernels"]?.string != "Nonsense")
    #expect(algebra["chosen_by"]?.string == "library")
  }

  @Test func `stay those that the user chose`() throws {
    let other = try OtherLibrary()
    let (answer, starts) = try other.run(
      ["--version", "--json"],
      ["OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_L2_SIZE": "512", "GOMP_SPINCOUNT": "9"])
    #expect(starts == ["\(Lowrank.program.path) Nehalem"])
    let algebra = try #require(try answer.json()["linear_algebra"]?.object)
    #expect(algebra["kernels"]?.string == "Nehalem")
    #expect(algebra["chosen_by"]?.string == "environment")
  }

  @Test(.enabled(if: Processor.current.hasAVX2), arguments: ["OTHER_WRONG", "OTHER_CRASHES"])
  func `give way to older ones where they compute wrong results, or crash`(fault: String) throws {
    let (other, made) = (try OtherLibrary(), try MadeAdapter.random())
    func compress(_ environment: [String: String]) throws -> (answer: Lowrank, starts: [String]) {
      try other.run(
        [
          "compress", made.url.path, "--keep", "0.5", "--json", "--overwrite", "--output",
          other.folder.appending(path: "small").path,
        ], ["GOMP_SPINCOUNT": "5000", "OPENBLAS_L2_SIZE": "512"].merging(environment) { $1 })
    }
    let own = ["OPENBLAS_CORETYPE": "Haswell", "LOWRANK_KERNELS": "Haswell"]
    let right = try compress(own)
    #expect(right.answer.status == 0 && right.starts.count == 1, "\(right.answer.errors)")
    // The child that checks is no start of its own.
    let saved = try compress(own.merging([fault: "Haswell"]) { $1 })
    #expect(saved.answer.status == 0, "\(saved.answer.errors)")
    #expect(saved.starts.map { $0.split(separator: " ").last } == ["Haswell", "Prescott"])
    #expect(
      saved.answer.errors.contains(
        "warning: the Haswell kernels of OpenBLAS 0.3.21 give wrong results or crash"))
    let bounds = try [right, saved].map { try #require(try $0.answer.json()["bound"]?.double) }
    #expect(abs(bounds[0] - bounds[1]) < 1e-10 * bounds[0])
    // Of none that are right, and of those that somebody chose, there is one sentence.
    let lost = try compress(own.merging([fault: "Haswell Prescott"]) { $1 })
    #expect(lost.answer.status == 1 && lost.starts.count == 2)
    #expect(
      lost.answer.errors.contains("error: the Prescott kernels of OpenBLAS 0.3.21 give wrong"))
    let chosen = try compress(["OPENBLAS_CORETYPE": "Haswell", fault: "Haswell"])
    #expect(chosen.answer.status == 1 && chosen.starts.count == 1)
    #expect(chosen.answer.errors.contains("OPENBLAS_CORETYPE selects them: unset it"))
  }

  @Test func `do not matter to verbs that decompose nothing`() throws {
    let other = try OtherLibrary()
    let (answer, starts) = try other.run(
      ["runs"],
      [
        "OPENBLAS_CORETYPE": "Haswell", "GOMP_SPINCOUNT": "5000", "OPENBLAS_L2_SIZE": "512",
        "OTHER_WRONG": "Haswell",
      ])
    #expect(answer.status == 0 && starts.count == 1, "\(answer.errors)")
  }

  @Test func `leave arguments and exit codes as they are when the program starts again`() throws {
    let answer = try OtherLibrary().run(
      ["compress", "--no such flag", "a b"], without: Self.names
    ).answer
    #expect(answer.status == 2 && answer.errors.contains("--no such flag"))
  }
}
