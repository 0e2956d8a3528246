import LowRankTemplates
import Testing

@Suite struct `A template's error` {
  private func error(of source: String, _ variables: TemplateDictionary = [:]) -> TemplateError? {
    do throws(TemplateError) {
      _ = try Template(source).render(variables)
      return nil
    } catch {
      return error
    }
  }

  @Test func `names the line and what was expected`() {
    let error = error(of: "a\n{% if x %}\n{{ y }\n")
    #expect(error?.kind == .syntax)
    #expect(error?.line == 3)
    #expect(
      error?.description
        == "the chat template cannot be read (line 3 of the template): \"}\" closes nothing")
  }

  @Test func `says what the template itself refuses`() {
    let error = error(of: "{{ raise_exception('Roles must alternate') }}")
    #expect(error?.kind == .raised)
    #expect(error?.message == "Roles must alternate")
  }

  @Test func `names what is undefined`() {
    let error = error(of: "\n\n{{ message.content.parts }}", ["message": [:]])
    #expect(error?.kind == .runtime)
    #expect(error?.line == 3)
    #expect(
      error?.description
        == "the chat template failed (line 3 of the template): a value of type dict has no "
        + "\"content\"")
  }

  @Test(arguments: ["include 'x'", "import 'x' as y", "extends 'x'", "block b", "autoescape true"])
  func `refuses what chat templates do not have`(tag: String) {
    #expect(error(of: "{% \(tag) %}")?.kind == .syntax)
  }

  @Test func `refuses to mark generated text that it cannot place`() throws {
    let template = try Template(
      "{% macro m() %}{% generation %}x{% endgeneration %}{% endmacro %}{{ m() }}")
    #expect(try template.render([:]) == "x")
    #expect(throws: TemplateError.self) { try template.renderMarking([:]) }
  }
}
