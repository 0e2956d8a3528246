import Foundation
import LowRankTemplates
import Testing

@Suite struct `A template that asks for too much` {
  private static let nested = String(repeating: "(", count: 5000)

  @Test(arguments: [
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{{ range(100001) | list }}",
    "{{ 'a' * 999999999999 }}",
    "{{ [0] * 999999999999 }}",
    "{% set n = namespace(s='aaaaaaaa') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}",
    "{% set n = namespace(l=[1]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
    "{% set n = namespace(l=[1], m=[1]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% set n.m = [n.m, n.m] %}{% endfor %}{{ n.l == n.m }}",
    "{% set n = namespace(l=[1]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | tojson }}",
    "{% set n = namespace(l=(1,)) %}{% for i in range(90) %}{% set n.l = (n.l, n.l) %}{% endfor %}{{ {n.l: 1} }}",
    "{% set n = namespace(l=[]) %}{% for i in range(90000) %}{% set n.l = [n.l] %}{% endfor %}",
    "{% set n = namespace() %}{% set n.n = n %}{{ n }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{{ '%999999999d' % 1 }}", "{{ '{:>999999999}'.format(1) }}", "{{ 'x'.center(999999999) }}",
    "{{ 'a\nb' | indent(999999999) }}", "{{ [1] | batch(999999999, 0) | list }}",
    "{{ ('a' * 100000).replace('', 'b' * 100000) }}",
    "{% for i in range(99999) %}{{ 'a' * 10000 }}{% endfor %}",
    "{% for i in range(9999) %}{{ ('ab' * 1000000).count('b') }}{% endfor %}",
    nested, "{{ \(nested)1\(String(repeating: ")", count: 5000)) }}",
    "{{ \(String(repeating: "[", count: 5000))\(String(repeating: "]", count: 5000)) }}",
    "{{ a\(String(repeating: ".b", count: 5000)) }}",
    "{{ a\(String(repeating: "|d", count: 5000)) }}",
    "{{ 1\(String(repeating: " + 1", count: 5000)) }}",
    "{{ \(String(repeating: "-", count: 5000))1 }}",
    "{{ \(String(repeating: "not ", count: 5000))1 }}",
    "{{ \(String(repeating: "1 if 1 else ", count: 5000))1 }}",
    String(repeating: "{% if 1 %}", count: 5000),
    "{% set \(nested)a\(String(repeating: ")", count: 5000)) = 1 %}",
  ])
  func `is stopped`(source: String) throws {
    var kind: TemplateError.Kind?
    do throws(TemplateError) {
      let limits = TemplateLimits(steps: 300_000, outputBytes: 1 << 22)
      let text = try Template(source, limits: limits).render([:])
      // Text that only looks like a deep template.
      #expect(text == Self.nested)
    } catch {
      kind = error.kind
    }
    #expect(source == Self.nested ? kind == nil : kind == .limit)
  }

  @Test func `may be no longer than allowed`() throws {
    let limits = TemplateLimits(templateBytes: 9)
    #expect(try Template("123456789", limits: limits).render([:]) == "123456789")
    #expect(throws: TemplateError.self) { try Template("1234567890", limits: limits) }
  }

  @Test func `lets go of values that hold one another`() throws {
    let ring = """
      {% set n = namespace(a=none) %}{% macro m() %}{{ n.a is none }}{% endmacro %}\
      {% for i in range(20000) %}{% set n.a = namespace(before=n.a, call=m, loop=loop) %}{% endfor %}\
      {% set n.a = n %}{{ m() }}
      """
    #expect(try Template(ring).render([:]) == "False")
  }

  @Test func `nests as deep as allowed on a small stack`() async throws {
    let deep = String(repeating: "(", count: 20) + "1" + String(repeating: ")", count: 20)
    #expect(try Template("{{ \(deep) }}").render([:]) == "1")
    let calls = "{% macro m(k) %}{% if k %}{{ m(k - 1) }}{% else %}end{% endif %}{% endmacro %}"
    #expect(try Template(calls + "{{ m(8) }}").render([:]) == "end")
  }
}
