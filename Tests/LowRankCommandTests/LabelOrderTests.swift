import Foundation
import LowRank
import Testing

@Suite struct `A head that was trained before` {
  private let workshop: ClassifierWorkshop
  /// A model with a trained head whose classes are good, bad, fine, in this order.
  private let base: URL
  private static let order = ["good", "bad", "fine"]

  init() throws {
    workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let merged = workshop.place("merged")
    let answer = try workshop.ask("merge", adapter, "--output", merged.path)
    #expect(answer.status == 0, "\(answer.errors)")
    base = workshop.place("base")
    let model = try Model(from: merged, precision: .float32, engine: CPUEngine())
    var file = model.config.object
    let before = try Classification(model.config).labels
    let rows = Self.order.map { before.firstIndex(of: $0) ?? 0 }
    file["id2label"] = .object(
      JSONObject(Self.order.enumerated().map { ("\($0.offset)", JSONValue.string($0.element)) }))
    file["label2id"] = nil
    try FileManager.default.copyItem(at: merged, to: base)
    try JSONValue.object(file).write(to: base.appending(path: "config.json"))
    let weights = base.appending(path: "model.safetensors")
    let tensors = try SafetensorsFile(at: merged.appending(path: "model.safetensors")).tensors.map {
      tensor in
      guard tensor.name.text.hasPrefix("classifier.") else { return TensorSource(tensor) }
      let (numbers, width) = (try tensor.floats(), tensor.shape.count / 3)
      return TensorSource(
        tensor.name, tensor.shape,
        floats: rows.flatMap { numbers[$0 * width..<($0 + 1) * width] })
    }
    try FileManager.default.removeItem(at: weights)
    try SafetensorsFile.write(tensors, to: weights)
  }

  /// Trains for a step of no length, so that the accuracy is that of the head.
  private func accuracy(
    _ name: String, labels: (Int) -> String, more: [String] = []
  ) throws -> (accuracy: Double, answer: Lowrank) {
    let data = workshop.place("data-\(name)")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    for file in ["train.tsv", "valid.tsv"] {
      try workshop.write(ClassifierWorkshop.rows(40, seed: 9, label: labels), to: data, file)
    }
    let answer = try Lowrank(
      [
        "train", "--task", "classification", "--model", base.path, "--data", data.path,
        "--adapter-path", workshop.place(name).path, "--iters", "1",
        "--learning-rate", "0", "--precision", "f32", "--json", "--no-store",
      ] + more)
    #expect(answer.status == 0, "\(answer.errors)")
    return (try answer.json()["valid_accuracy"]?.double ?? -1, answer)
  }

  private func classes(_ name: String) throws -> [String] {
    let folder = try AdapterFolder(at: workshop.place(name))
    let task = try #require(folder.task)
    return try Classification(JSONSection(task, of: name)).labels
  }

  @Test func `keeps its order where the rows have its classes`() throws {
    let (accuracy, _) = try accuracy("same", labels: { ClassifierWorkshop.classes[$0] })
    #expect(accuracy > 0.9)
    #expect(try classes("same") == Self.order)
  }

  @Test func `keeps its order where the rows spell its classes otherwise, which is said`() throws {
    let (accuracy, answer) = try accuracy(
      "spelled", labels: { ClassifierWorkshop.classes[$0].capitalized + " " })
    #expect(accuracy > 0.9)
    #expect(answer.errors.contains("with another spelling"))
    #expect(
      try classes("spelled").map { $0.trimmingCharacters(in: .whitespaces) } == [
        "Good", "Bad", "Fine",
      ])
  }

  @Test func `keeps all its classes where the rows have some`() throws {
    let (accuracy, answer) = try accuracy(
      "some", labels: { $0 == 1 ? "bad" : $0 == 0 ? "bad" : "good" })
    // A third of the rows is fine, which they call bad.
    #expect(accuracy > 0.4)
    #expect(try classes("some") == Self.order)
    #expect(answer.errors.contains("no row has the class fine"))
  }

  @Test func `takes numbers for its classes by their numbers, which is said`() throws {
    let (accuracy, answer) = try accuracy(
      "numbers", labels: { "\(Self.order.firstIndex(of: ClassifierWorkshop.classes[$0]) ?? 0)" })
    #expect(accuracy > 0.9)
    #expect(answer.errors.contains("0 is good"))
    #expect(try classes("numbers") == ["0", "1", "2"])
  }

  @Test func `gives way to a fresh one where the rows have other classes, with a warning`() throws {
    let (accuracy, answer) = try accuracy(
      "other", labels: { ["x", "y", "z"][$0] }, more: ["--seed", "5"])
    #expect(accuracy < 0.9)
    #expect(answer.errors.contains("warning: the head of"))
    #expect(answer.errors.contains("is for good, bad, fine, the rows have x, y, z"))
    #expect(answer.errors.contains("new, with random weights: classifier"))
    #expect(try classes("other") == ["x", "y", "z"])
  }

  @Test func `of an adapter keeps its order when training continues`() throws {
    _ = try accuracy("first", labels: { ClassifierWorkshop.classes[$0] })
    let (accuracy, answer) = try accuracy(
      "second", labels: { ClassifierWorkshop.classes[$0] },
      more: ["--init-adapter", workshop.place("first").path])
    #expect(accuracy > 0.9)
    #expect(answer.errors.contains("is trained further"))
    #expect(try classes("second") == Self.order)
  }

  @Test func `is resumed with the same order`() throws {
    _ = try accuracy(
      "run", labels: { ClassifierWorkshop.classes[$0] }, more: ["--save-every", "1"])
    let again = try accuracy(
      "run", labels: { ClassifierWorkshop.classes[$0] }, more: ["--save-every", "1", "--resume"])
    #expect(try classes("run") == Self.order)
    #expect(again.answer.status == 0)
  }
}
