// swift-tools-version: 6.2
import PackageDescription

// The engine and its tests as a separate package, which has no dependencies and builds in a minute.
// scripts/test-on links the project's Sources and Tests into it; the targets match those of the
// project's manifest.

func kernels(_ name: String, linking libraries: [String]) -> Target {
  .target(
    name: name,
    cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Werror"])],
    linkerSettings: libraries.map { .linkedLibrary($0) }
  )
}

let package = Package(
  name: "lowrank-engine",
  platforms: [.macOS(.v15)],
  targets: [
    kernels("COneDNN", linking: ["dnnl"]),
    kernels("CLAPACK", linking: ["lapacke", "openblas"]),
    kernels("CKernels", linking: ["gomp", "m"]),
    .target(name: "LowRankProgress"),
    .target(
      name: "LowRankTensors", dependencies: ["COneDNN", "CLAPACK", "CKernels", "LowRankProgress"]),
    .target(
      name: "LowRankTesting", dependencies: ["LowRankTensors"],
      sources: ["EngineChecks", "Gradients", "MadeMatrices", "ReferenceEngine"]),
    .testTarget(
      name: "LowRankTensorsTests",
      dependencies: ["LowRankTensors", "LowRankTesting", "CKernels"],
      resources: [.copy("Fixtures")]),
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
