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

/// The MPI that the trait builds against, by the name of its pkg-config file: that of the system by default.
let mpi = Context.environment["LOWRANK_MPI_PACKAGE"] ?? "mpi-c"

let package = Package(
  name: "swift-lowrank",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "lowrank", targets: ["LowRankCommand"]),
    .executable(name: "lowrank-paper", targets: ["PaperExperiments"]),
    .library(name: "LowRank", targets: ["LowRank"]),
    .library(name: "LowRankRuns", targets: ["LowRankRuns"]),
    .library(name: "LowRankTesting", targets: ["LowRankTesting"]),
    .library(name: "LowRankHub", targets: ["LowRankHub"]),
    // Loaded by the program when a launcher of MPI has started it.
    .library(name: "LowRankMPI", type: .dynamic, targets: ["CMPI"]),
  ],
  traits: [
    .trait(
      name: "MPI",
      description: "Training in several processes (needs libopenmpi-dev or libmpich-dev).")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
  ],
  targets: [
    kernels("COneDNN", linking: ["dnnl"]),
    kernels("CLAPACK", linking: ["lapacke", "openblas"]),
    kernels("CKernels", linking: ["gomp", "m"]),
    kernels("CProcesses", linking: ["dl"]),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CMPILibrary", path: "Sources/CMPILibrary", pkgConfig: mpi),
    .target(
      name: "CMPI",
      dependencies: [
        "CProcesses", .target(name: "CMPILibrary", condition: .when(traits: ["MPI"])),
      ],
      cSettings: [
        .define("LR_MPI", .when(traits: ["MPI"])), .unsafeFlags(["-Wall", "-Werror"]),
      ]),
    library("LowRankTensors", ["COneDNN", "CLAPACK", "CKernels"]),
    library("LowRankCheckpoints", ["LowRankTensors"]),
    library(
      "LowRankTokenizers", [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      excluding: ["SentencePiece/sentence_piece.proto"]),
    library("LowRankTransformers", ["LowRankTensors", "LowRankCheckpoints", "LowRankTokenizers"]),
    library("LowRankAdapters", ["LowRankTransformers"]),
    library("LowRankTraining", ["LowRankAdapters", "LowRankTemplates"]),
    library("LowRankCompression", ["LowRankTraining"]),
    library("LowRankReports"),
    library(
      "LowRankRuns",
      [
        .product(name: "GRDB", package: "GRDB.swift"),
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
    .executableTarget(
      name: "LowRankCommand",
      dependencies: [
        "LowRank", "LowRankHub", "LowRankProcesses", "LowRankRuns", "LowRankWatch", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .executableTarget(
      name: "PaperExperiments",
      dependencies: [
        "LowRank", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Examples/paper",
      exclude: ["README.md"]
    ),
    tests(of: "LowRankTensors", ["CKernels"]),
    tests(of: "LowRankCheckpoints"),
    tests(of: "LowRankTokenizers"),
    tests(of: "LowRankTransformers"),
    tests(of: "LowRankAdapters"),
    tests(of: "LowRankTraining"),
    tests(of: "LowRankCompression"),
    tests(of: "LowRankAnalysis"),
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
    tests(of: "LowRankCommand", ["LowRankRuns", "LowRankTestHub"]),
    .testTarget(
      name: "LowRankProcessesTests", dependencies: ["LowRankProcesses", "LowRankTraining"]),
    .testTarget(name: "PaperExperimentsTests", dependencies: ["LowRank", "PaperExperiments"]),
    .target(
      name: "LowRankHub",
      dependencies: [
        "LowRankCheckpoints", "Yams",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    // A hub on loopback: within Swift's tests, and as a program for Python's.
    .target(
      name: "LowRankTestHub",
      dependencies: ["LowRankHTTP", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/Support/TestHub"),
    .executableTarget(
      name: "lowrank-test-hub",
      dependencies: [
        "LowRankTestHub", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/TestHubProgram"),
    .testTarget(
      name: "LowRankHubTests",
      dependencies: [
        "LowRankHub", "LowRankTestHub", "Yams", .product(name: "Crypto", package: "swift-crypto"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  guard !target.name.hasPrefix("C") else { continue }
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
