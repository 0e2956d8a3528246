import Foundation
import LowRankTemplates
import Testing

/// Compares with the cases that `Oracles/templates_conformance.py` wrote, where they are.
@Suite struct `TemplateConformance` {
  private static let folder = ProcessInfo.processInfo.environment["LOWRANK_TEMPLATE_ORACLE"]

  private static let names: [String] = {
    guard let folder else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }()

  @Test(.enabled(if: folder != nil, "LOWRANK_TEMPLATE_ORACLE names no folder"), arguments: names)
  func `finds no template that the reference renders otherwise`(name: String) throws {
    let folder = try URL(fileURLWithPath: #require(Self.folder))
    let cases = try OracleCases(folder.appendingPathComponent(name)).cases
    let differences = cases.compactMap { $0.difference() }
    #expect(!cases.isEmpty)
    let listed = differences.prefix(20).joined(separator: "\n")
    #expect(differences.isEmpty, "\(differences.count) of \(cases.count):\n\(listed)")
    print("\(name): \(cases.count) renderings compared")
  }
}
