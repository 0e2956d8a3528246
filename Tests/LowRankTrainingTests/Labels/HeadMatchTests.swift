import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `Labels beside a trained head` {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func match(
    _ labels: [String], _ head: [String], _ task: TrainingTask = .classification,
    problem: Classification.Problem = .singleLabel
  ) throws -> HeadMatch {
    let rows = try LabelledRows(
      at: folder.file(
        "a.tsv", "text\tlabel\n" + labels.map { "x\t\($0)\n" }.joined()), task: task)
    return HeadMatch(
      rows, try task == .regression ? nil : rows.collectedLabels(),
      head: Classification(labels: head, problem: problem), of: "base")
  }

  @Test(arguments: [
    (["a", "b"], ["b", "a"]), (["a", "b"], ["c", "b", "a"]), (["2", "1"], ["2", "1"]),
    (["LABEL_1", "LABEL_0"], ["LABEL_0", "LABEL_1"]),
  ])
  func `are its classes, in its order`(labels: [String], head: [String]) throws {
    let match = try match(labels, head)
    #expect(match.keepsHead && match.labels?.names == head)
  }

  @Test func `may be spelled otherwise, and are then read as the rows spell them`() throws {
    let match = try match(["No", "YES"], ["yes", "maybe", "no"])
    #expect(match.keepsHead && match.labels?.names == ["YES", "maybe", "No"])
    #expect(
      match.note
        == "the labels No, YES are the classes yes, maybe, no of base, with another spelling")
  }

  @Test func `are numbers of a head whose classes have no names`() throws {
    let match = try match(["0", "2"], ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"])
    #expect(match.keepsHead && match.labels?.names == ["0", "1", "2", "3"] && match.note == nil)
  }

  @Test func `are numbers of a head whose classes have names, which is said`() throws {
    let match = try match(["1", "0"], ["no", "yes", "maybe"])
    #expect(match.keepsHead && match.labels?.names == ["0", "1", "2"])
    #expect(match.note?.hasSuffix("by their numbers: 0 is no") == true)
  }

  @Test(arguments: [
    (["a", "b"], ["a", "c"], "is for a, c, the rows have a, b"),
    (["a", "A"], ["a", "b"], "is for a, b, the rows have A, a"),
    (["0", "2"], ["no", "yes"], "is for no, yes, the rows have 0, 2"),
    (["no", "yes"], ["LABEL_0", "LABEL_1"], "does not say what its 2 classes are"),
    (["a", "b"], ["a", "a"], "is for a, a, the rows have a, b"),
  ])
  func `are others where a name is missing`(
    labels: [String], head: [String], reason: String
  ) throws {
    let match = try match(labels, head)
    #expect(!match.keepsHead && match.labels?.names != head)
    #expect(match.note?.contains(reason) == true)
    #expect(match.note?.hasSuffix("its output layer is reinitialized") == true)
  }

  @Test func `are sets of its classes, too`() throws {
    let match = try match(["a,b", "b"], ["c", "b", "a"], .multilabel, problem: .multiLabel)
    #expect(match.keepsHead && match.labels?.names == ["c", "b", "a"])
  }

  @Test func `are quantities for a head of one quantity alone`() throws {
    let numbers = ["0.5", "1.5"]
    #expect(try match(numbers, ["LABEL_0"], .regression, problem: .regression).keepsHead)
    #expect(try !match(numbers, ["a"], .regression, problem: .multiLabel).keepsHead)
    #expect(try !match(numbers, ["a", "b"], .regression).keepsHead)
    #expect(try !match(["a", "b"], ["LABEL_0"], problem: .regression).keepsHead)
  }
}
