import LowRankTensors
import Testing

/// A processor, the OpenBLAS on it as it comes up, and the variables that are to be set.
struct KernelCase: CustomTestStringConvertible {
  let testDescription: String
  let processor: Processor
  let version: String
  let kernels: String
  var options = "NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY USE_OPENMP"
  var environment: [String: String] = [:]
  let expected: [String: String]

  init(
    _ name: String, _ processor: Processor, _ version: String, _ kernels: String,
    options: String = "NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY USE_OPENMP",
    _ environment: [String: String] = [:], sets expected: [String: String]
  ) {
    testDescription = name
    (self.processor, self.version, self.kernels) = (processor, version, kernels)
    (self.options, self.environment, self.expected) = (options, environment, expected)
  }

  var library: LinearAlgebraLibrary {
    LinearAlgebraLibrary(config: "OpenBLAS \(version) \(options) MAX_THREADS=64", kernels: kernels)
  }
}

@Suite struct `Kernels of OpenBLAS` {
  private static let xeon = Processor(
    hasAVX2: true, hasAVX512: true, l2Kilobytes: 2048, l3Kilobytes: 266_240)
  private static let zen5 = Processor(
    hasAVX2: true, hasAVX512: true, isAMD: true, l2Kilobytes: 1024, l3Kilobytes: 393_216)
  private static let zen2 = Processor(
    hasAVX2: true, isAMD: true, l2Kilobytes: 512, l3Kilobytes: 32768)
  private static let core = Processor(hasAVX2: true, l2Kilobytes: 256, l3Kilobytes: 8192)
  private static let old = Processor(l2Kilobytes: 256, l3Kilobytes: 8192)
  private static let skylake = ["OPENBLAS_CORETYPE": "SkylakeX", "LOWRANK_KERNELS": "SkylakeX"]
  private static let haswell = ["OPENBLAS_CORETYPE": "Haswell", "LOWRANK_KERNELS": "Haswell"]

  static let cases = [
    KernelCase(
      "Emerald Rapids, unknown to 0.3.21", xeon, "0.3.21", "Prescott", sets: skylake),
    KernelCase("Emerald Rapids, known to 0.3.29", xeon, "0.3.29", "SapphireRapids", sets: [:]),
    KernelCase("Skylake X", xeon, "0.3.21", "SkylakeX", sets: [:]),
    KernelCase("Zen 5, found by its bfloat16", zen5, "0.3.21", "Cooperlake", sets: [:]),
    KernelCase("Zen 4, taken for Zen by 0.3.20", zen5, "0.3.20", "Zen", sets: skylake),
    KernelCase("Alder Lake, unknown to 0.3.13", core, "0.3.13", "Prescott", sets: haswell),
    KernelCase("a processor taken for Sandy Bridge", core, "0.3.21", "Sandybridge", sets: haswell),
    KernelCase("Haswell", core, "0.3.21", "Haswell", sets: [:]),
    KernelCase("Zen 2", zen2, "0.3.21", "Zen", sets: [:]),
    KernelCase("Excavator", zen2, "0.3.21", "Excavator", sets: [:]),
    KernelCase(
      "Skylake X whose system keeps AVX-512 back", core, "0.3.5", "SkylakeX", sets: haswell),
    KernelCase("Sandy Bridge", old, "0.3.21", "Sandybridge", sets: [:]),
    KernelCase("Nehalem", old, "0.3.21", "Nehalem", sets: [:]),
    KernelCase("kernels of a name to come", xeon, "0.4.1", "DiamondRapids", sets: [:]),
    KernelCase(
      "a library for one processor", xeon, "0.3.21", "PRESCOTT", options: "NO_LAPACKE", sets: [:]),
    KernelCase(
      "another instruction set", Processor(), "0.3.29", "neoversen1",
      ["OPENBLAS_L2_SIZE": "1024"], sets: [:]),
    KernelCase(
      "a choice of the user's", xeon, "0.3.21", "Nehalem", ["OPENBLAS_CORETYPE": "Nehalem"],
      sets: [:]),
    KernelCase(
      "an empty variable", xeon, "0.3.21", "Prescott", ["OPENBLAS_CORETYPE": ""], sets: skylake),
    KernelCase(
      "Zen 5 with kernels whose buffers are too small", zen5, "0.3.34", "Haswell",
      ["OPENBLAS_CORETYPE": "Haswell"], sets: ["OPENBLAS_L2_SIZE": "2048"]),
    KernelCase(
      "the same with a size of the user's", zen5, "0.3.34", "Haswell",
      ["OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"], sets: [:]),
    KernelCase(
      "the same before blocks were enlarged", zen5, "0.3.33", "Haswell",
      ["OPENBLAS_CORETYPE": "Haswell"], sets: [:]),
    KernelCase(
      "Zen 5 with kernels that take large blocks", zen5, "0.3.34", "Cooperlake", sets: [:]),
    KernelCase("Zen 4, taken for Zen by 0.3.34", zen5, "0.3.34", "Zen", sets: skylake),
    KernelCase(
      "a hypervisor that hides the cache", Processor(hasAVX2: true, hasAVX512: true), "0.3.29",
      "Prescott", sets: skylake.merging(["OPENBLAS_L2_SIZE": "256"]) { $1 }),
    KernelCase(
      "the same where nothing else is to be set", Processor(hasAVX2: true), "0.3.29", "Haswell",
      sets: [:]),
  ]

  @Test(
    "are chosen by what the processor can do, where the library does not know it",
    arguments: cases)
  func choice(_ given: KernelCase) {
    // Somebody chose how threads wait, so that only kernels can be a reason to start again.
    let environment = given.environment.merging(["OMP_WAIT_POLICY": "passive"]) { $1 }
    let variables = LibrarySettings.variables(
      environment, for: given.processor, library: given.library)
    #expect(variables == given.expected)
  }

  @Test("are chosen once: started again, the program goes on", arguments: cases)
  func once(_ given: KernelCase) {
    let first = LibrarySettings.variables(
      given.environment, for: given.processor, library: given.library)
    #expect(first["GOMP_SPINCOUNT"] == "5000")
    var environment = given.environment.merging(first) { $1 }
    let library = LinearAlgebraLibrary(
      config: "OpenBLAS \(given.version) \(given.options)",
      kernels: first["OPENBLAS_CORETYPE"] ?? given.kernels)
    #expect(
      LibrarySettings.variables(environment, for: given.processor, library: library) == [:])
    // A library that does not take what it is told may need another variable, and then no more.
    environment.merge(
      LibrarySettings.variables(environment, for: given.processor, library: given.library)
    ) { $1 }
    #expect(
      LibrarySettings.variables(environment, for: given.processor, library: given.library) == [:])
  }

  @Test("that fail give way to older ones, and at last to an error")
  func safer() {
    func next(_ kernels: String, _ processor: Processor, _ environment: [String: String] = [:])
      -> String?
    {
      let library = LinearAlgebraLibrary(config: "OpenBLAS 0.3.21 DYNAMIC_ARCH", kernels: kernels)
      return LibrarySettings.variables(insteadOf: library, environment, for: processor)[
        "OPENBLAS_CORETYPE"]
    }
    func chosen(_ name: String) -> [String: String] {
      ["OPENBLAS_CORETYPE": name, "LOWRANK_KERNELS": name]
    }
    #expect(next("Cooperlake", Self.zen5) == "Haswell")
    #expect(next("SkylakeX", Self.xeon, chosen("SkylakeX")) == "Haswell")
    #expect(next("Haswell", Self.xeon, chosen("Haswell")) == "Prescott")
    #expect(next("Zen", Self.zen2) == "Prescott")
    #expect(next("DiamondRapids", Self.xeon) == "Haswell")
    #expect(next("Sandybridge", Self.old) == "Prescott")
    #expect(next("Prescott", Self.xeon, chosen("Prescott")) == nil)
    #expect(next("Nehalem", Self.old) == nil)
    // The library did not take what it was told: the same again would not end.
    #expect(next("SkylakeX", Self.xeon, chosen("Haswell")) == nil)
    // What the user named is not replaced.
    #expect(next("SkylakeX", Self.xeon, ["OPENBLAS_CORETYPE": "SkylakeX"]) == nil)
  }

  @Test("for which blocks are too large are tried with a size that prevents it")
  func saferSize() {
    let library = LinearAlgebraLibrary(
      config: "OpenBLAS 0.3.34 DYNAMIC_ARCH", kernels: "Cooperlake")
    #expect(
      LibrarySettings.variables(insteadOf: library, [:], for: Self.zen5)
        == Self.haswell.merging(["OPENBLAS_L2_SIZE": "2048"]) { $1 })
  }

  @Test("in use have a name and a version")
  func loaded() {
    let library = LinearAlgebraLibrary.loaded
    #expect(library.version.hasPrefix("0.") && !library.kernels.isEmpty)
  }
}
