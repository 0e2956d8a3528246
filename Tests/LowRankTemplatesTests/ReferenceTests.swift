import Foundation
import LowRankTemplates
import Testing

@Suite struct `Templates give what jinja2 gives` {
  @Test(arguments: [("language", 1000), ("dialects", 299)])
  func `on every committed case`(name: String, count: Int) throws {
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    let cases = try OracleCases(file).cases
    #expect(cases.count > count)
    let differences = cases.compactMap { $0.difference() }
    #expect(differences.isEmpty, "\(differences.count): \(differences.joined(separator: "\n"))")
  }
}
