import LowRankReports
import Testing

@Suite struct `A number for people` {
  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (12_288, "12,288"), (1_234_567.8, "1,234,568"),
    (0.012345, "0.01235"), (-2.5, "−2.5"), (999.96, "1,000"), (99.999, "100"),
    (1e-5, "10⁻⁵"), (1.25e-7, "1.25×10⁻⁷"), (-3e20, "−3×10²⁰"), (9.99999e-5, "10⁻⁴"),
    (.leastNonzeroMagnitude, "4.941×10⁻³²⁴"), (1.7e308, "1.7×10³⁰⁸"), (.nan, "not a number"),
    (.infinity, "∞"), (-.infinity, "−∞"),
  ])
  func `has four digits that count`(number: Double, text: String) {
    #expect(NumberText.short(number) == text)
  }

  @Test func `has commas between thousands`() {
    #expect(NumberText.integer(0) == "0")
    #expect(NumberText.integer(999) == "999")
    #expect(NumberText.integer(-1_000) == "−1,000")
    #expect(NumberText.integer(Int.min) == "−9,223,372,036,854,775,808")
  }
}
