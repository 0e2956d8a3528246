// swift-tools-version: 6.2
import PackageDescription

/// A library of ours and the tests beside it.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], excluding excluded: [String] = []
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: excluded)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.target(name: name), "LowRankTesting"] + dependencies,
    exclude: [],
    resources: [.copy("Fixtures")]
  )
}

/// C is always optimised, also in debug builds: a training step in `-O0` kernels is unusable.
func kernels(_ name: String, linking libraries: [String], _ dependencies: [Target.Dependency] = [])
  -> Target
{
  .target(
    name: name,
    dependencies: dependencies,
    cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Werror"])],
    linkerSettings: libraries.map { .linkedLibrary($0) }
  )
}

let package = Package(
  name: "swift-lowrank",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "lowrank", targets: ["LowRankCommand"]),
    .executable(name: "lowrank-paper", targets: ["PaperExperiments"]),
    .executable(name: "lowrank-solvers", targets: ["SolverExperiments"]),
    .library(name: "LowRank", targets: ["LowRank"]),
    .library(name: "LowRankRuns", targets: ["LowRankRuns"]),
    .library(name: "LowRankSessions", targets: ["LowRankSessions"]),
    .library(name: "LowRankExperiments", targets: ["LowRankExperiments"]),
    .library(name: "LowRankTesting", targets: ["LowRankTesting"]),
    .library(name: "LowRankHub", targets: ["LowRankHub"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    kernels("COneDNN", linking: ["dnnl"]),
    kernels("CLAPACK", linking: ["lapacke", "openblas"]),
    kernels("CKernels", linking: ["gomp", "m"]),
    kernels("CProcesses", linking: ["dl"]),
    kernels("CImages", linking: ["jpeg", "png16"]),
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CZstd"),
    .systemLibrary(name: "CWideCharacters"),
    library("LowRankProgress"),
    library("LowRankKeys"),
    library("LowRankTensors", ["COneDNN", "CLAPACK", "CKernels", "LowRankProgress"]),
    library("LowRankTorch", ["CZlib"]),
    library("LowRankCheckpoints", ["LowRankKeys", "LowRankTensors", "LowRankTorch"]),
    library(
      "LowRankTokenizers", [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      excluding: ["SentencePiece/sentence_piece.proto"]),
    library("LowRankTransformers", ["LowRankTensors", "LowRankCheckpoints", "LowRankTokenizers"]),
    library("LowRankAdapters", ["LowRankTransformers"]),
    library("LowRankDecompression", ["CZlib", "CZstd"]),
    library("LowRankParquet", ["CZlib", "LowRankDecompression"]),
    library("LowRankImages", ["CImages"]),
    library(
      "LowRankTraining",
      [
        "LowRankAdapters", "LowRankDecompression", "LowRankImages", "LowRankParquet",
        "LowRankTemplates",
      ]),
    library("LowRankCompression", ["LowRankTraining"]),
    library("LowRankReports"),
    library("LowRankDigests", ["CCrypto"]),
    library(
      "LowRankRuns",
      [
        "LowRankKeys", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], excluding: ["TensorBoard/event.proto"]),
    library("LowRankTemplates"),
    library("LowRankHTTP", ["CEpoll"]),
    library("LowRankProcesses", ["CProcesses", "LowRankTraining"]),
    .target(
      name: "LowRankWatch", dependencies: ["LowRankHTTP", "LowRankReports", "LowRankRuns"],
      // The program is installed as one file.
      resources: [.embedInCode("Page")]),
    library("LowRankAnalysis", ["LowRankCompression", "LowRankReports"]),
    library("LowRankTesting", ["LowRankAdapters"]),
    library("LowRank", ["LowRankAnalysis"]),
    .target(
      name: "LowRankServing", dependencies: ["LowRank", "LowRankDigests", "LowRankHTTP"],
      // The program is installed as one file.
      resources: [.embedInCode("Page")]),
    library("LowRankSessions", ["LowRank", "LowRankHub", "LowRankRuns", "Yams"]),
    library("LowRankExperiments", ["LowRankSessions", "Yams"]),
    library("LowRankConfigurations", ["LowRankSessions", "Yams"]),
    library(
      "LowRankConsole",
      [
        "CWideCharacters", "LowRankCheckpoints", "LowRankKeys", "LowRankProgress",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "LowRankCommand",
      dependencies: [
        "LowRank", "LowRankConfigurations", "LowRankConsole", "LowRankExperiments", "LowRankHub",
        "LowRankProcesses", "LowRankRuns", "LowRankServing", "LowRankSessions", "LowRankWatch",
        "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .executableTarget(
      name: "PaperExperiments",
      dependencies: [
        "LowRank", "LowRankConsole",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Examples/paper",
      exclude: ["README.md"]
    ),
    .executableTarget(
      name: "SolverExperiments",
      dependencies: [
        "LowRank", "LowRankConsole", "LowRankTesting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Examples/solvers",
      exclude: ["README.md"]
    ),
    .testTarget(
      name: "LowRankProgressTests", dependencies: ["LowRankProgress", "LowRankTensors"]),
    .testTarget(
      name: "LowRankTorchTests", dependencies: ["LowRankTorch", "lowrank-torch-fuzz"],
      resources: [.copy("Fixtures")]),
    // Mutated files of torch, and a count of what reading them allocates: a process of its own, since it replaces malloc.
    .target(name: "CAllocationCount", path: "Tests/Support/AllocationCount"),
    .executableTarget(
      name: "lowrank-torch-fuzz", dependencies: ["CAllocationCount", "LowRankTorch"],
      path: "Tests/Support/TorchFuzz"),
    tests(of: "LowRankTensors", ["CKernels"]),
    tests(of: "LowRankCheckpoints"),
    tests(of: "LowRankTokenizers"),
    tests(of: "LowRankTransformers", ["lowrank-gguf-fuzz"]),
    // Mutated headers of GGUF models, read in a process of its own.
    .executableTarget(
      name: "lowrank-gguf-fuzz", dependencies: ["LowRankTransformers"],
      path: "Tests/Support/GGUFFuzz"),
    tests(of: "LowRankAdapters"),
    tests(of: "LowRankTraining", ["CZlib", "CZstd", "LowRankDecompression"]),
    .testTarget(
      name: "LowRankParquetTests", dependencies: ["LowRankParquet"],
      resources: [.copy("Fixtures")]),
    // Reads a file to its end, for the comparison with pyarrow.
    .executableTarget(
      name: "lowrank-parquet-read", dependencies: ["LowRankParquet"],
      path: "Benchmarks/ParquetRead"),
    tests(of: "LowRankCompression"),
    tests(of: "LowRankAnalysis"),
    .testTarget(
      name: "LowRankImagesTests", dependencies: ["LowRankImages"], resources: [.copy("Fixtures")]),
    .testTarget(name: "LowRankReportsTests", dependencies: ["LowRankReports"]),
    .testTarget(
      name: "LowRankRunsTests",
      dependencies: ["LowRankRuns", .product(name: "GRDB", package: "GRDB.swift")],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "LowRankTemplatesTests", dependencies: ["LowRankTemplates"],
      resources: [.copy("Fixtures")]),
    .target(name: "LowRankSocketTesting", path: "Tests/Support/SocketTesting"),
    .testTarget(name: "LowRankHTTPTests", dependencies: ["LowRankHTTP", "LowRankSocketTesting"]),
    .testTarget(
      name: "LowRankWatchTests",
      dependencies: ["LowRankRuns", "LowRankSocketTesting", "LowRankWatch"]),
    .testTarget(
      name: "LowRankServingTests",
      dependencies: [
        "LowRank", "LowRankDigests", "LowRankServing", "LowRankSocketTesting", "LowRankTesting",
        "LowRankWorkshop",
      ]),
    // A tiny model with its tokenizer and rows, for tests of whole runs.
    .target(
      name: "LowRankWorkshop", dependencies: ["LowRank", "LowRankTesting"],
      path: "Tests/Support/Workshop"),
    .testTarget(
      name: "LowRankSessionsTests",
      dependencies: ["LowRank", "LowRankConfigurations", "LowRankSessions", "LowRankWorkshop"]),
    .testTarget(
      name: "LowRankExperimentsTests",
      dependencies: ["LowRank", "LowRankExperiments", "LowRankSessions", "LowRankWorkshop"],
      resources: [.copy("Fixtures")]),
    tests(
      of: "LowRankCommand", ["LowRankConsole", "LowRankRuns", "LowRankTestHub", "LowRankWorkshop"]),
    .testTarget(
      name: "LowRankProcessesTests", dependencies: ["LowRankProcesses", "LowRankTraining"]),
    .testTarget(
      name: "PaperExperimentsTests",
      dependencies: ["LowRank", "LowRankConsole", "PaperExperiments"]),
    .testTarget(
      name: "SolverExperimentsTests",
      dependencies: ["LowRank", "LowRankTesting", "SolverExperiments"]),
    library("LowRankHub", ["LowRankCheckpoints", "LowRankDigests", "CCurl", "Yams"]),
    // A hub on loopback: within Swift's tests, and as a program for Python's.
    .target(
      name: "LowRankTestHub",
      dependencies: ["LowRankHTTP", "LowRankDigests"],
      path: "Tests/Support/TestHub"),
    // A proxy, relays and TLS on loopback, to put between the program and that hub.
    .systemLibrary(name: "CTestTLS", path: "Tests/Support/TestTLS"),
    .target(
      name: "LowRankTestNetwork", dependencies: ["CTestTLS"], path: "Tests/Support/TestNetwork"),
    .executableTarget(
      name: "lowrank-test-hub",
      dependencies: [
        "LowRankTestHub", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/TestHubProgram"),
    .testTarget(
      name: "LowRankHubTests",
      dependencies: [
        "LowRankDigests", "LowRankHub", "LowRankTestHub", "LowRankTestNetwork", "Yams",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where !target.name.hasPrefix("C") {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
