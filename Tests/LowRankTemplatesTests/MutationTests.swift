import Foundation
import LowRankTemplates
import Testing

@Suite struct `Damaged templates` {
  @Test func `are rendered or refused, and never end the program`() throws {
    let count = ProcessInfo.processInfo.environment["LOWRANK_MUTATIONS"].flatMap(Int.init) ?? 4000
    let cases = try ["language", "dialects"].flatMap { name in
      let file = try #require(
        Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
      return try OracleCases(file).cases
    }
    let sources = cases.map { Array($0.template.utf8) }
    let limits = TemplateLimits(steps: 20_000, outputBytes: 1 << 16)
    var random = SplitMix(state: 20_261_121)
    var kinds: [TemplateError.Kind?: Int] = [:]
    for _ in 0..<count {
      let chosen = Int.random(in: 0..<cases.count, using: &random)
      let damaged = Self.damaged(sources[chosen], sources, &random)
      var kind: TemplateError.Kind?
      do throws(TemplateError) {
        let template = try Template(String(decoding: damaged, as: UTF8.self), limits: limits)
        _ = try template.render(cases[chosen].variables)
      } catch {
        kind = error.kind
        #expect(!error.description.isEmpty)
      }
      kinds[kind, default: 0] += 1
    }
    #expect(kinds[nil, default: 0] > count / 20)
    #expect(kinds[.syntax, default: 0] > count / 20)
    #expect(kinds[.runtime, default: 0] > count / 50)
  }

  private static let pieces: [[UInt8]] = [
    "{%", "%}", "{{", "}}", "{#", "#}", "-", "|", "(", ")", "[", "]", "{", "}", "'", "\"", "\\",
    ".",
    ",", "~", "**", "//", ":", "=", " if ", " else ", " for ", " in ", " is ", " not ", " loop",
    "{% endif %}", "{% endfor %}", "{% set ns.x = ns %}", "{{ loop(messages) }}", "[ns, loop]",
    "|tojson", "|list", "|sort", "|map", "|groupby(0)", "|batch(0)", "|slice(-1)", "|round(-400)",
    "|indent(9999999)", "[::-9223372036854775808]", "9223372036854775807", "-9223372036854775808",
    "'%9999999d' % 1", "'{:9999999}'.format(1)", "range(-5, 9223372036854775807)", "e\u{301}",
    "\u{0}", "\u{1F1E9}", "1e308", "namespace(a=1)", "cycler(1).next", "joiner()", "{% raw %}",
    "{% break %}", "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}", "'\\x", "'\\ud800'",
  ].map { Array($0.utf8) }

  private static func damaged(
    _ source: [UInt8], _ sources: [[UInt8]], _ random: inout SplitMix
  ) -> [UInt8] {
    var bytes = source
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let start = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: start)
      case 3, 4:
        bytes.replaceSubrange(
          start..<min(end, start + 2), with: pieces.randomElement(using: &random) ?? [])
      default:
        let other = sources.randomElement(using: &random) ?? []
        let from = Int.random(in: 0...other.count, using: &random)
        bytes.insert(contentsOf: other[from..<min(other.count, from + 40)], at: start)
      }
    }
    return bytes
  }
}

/// A small generator with a fixed seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
