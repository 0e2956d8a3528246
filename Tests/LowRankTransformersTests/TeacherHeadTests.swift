import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `DeiT with its teacher's head` {
  private static let folder = ModelFixture.root.appending(path: "vision/deit-teacher")

  private func model(
    as head: ModelHead? = nil, renewing: Bool = false
  ) throws -> Model {
    try Model(
      from: Self.folder, as: head, precision: .float32, engine: CPUEngine(), renewsHead: renewing)
  }

  /// Three images end to end.
  private func rows(_ model: Model) throws -> PackedRows {
    let file = try SafetensorsFile(at: Self.folder.appending(path: "expected.safetensors"))
    let pixels = try #require(file["pixels"]).floats()
    let input = try #require(model.architecture.backbone.imageInput)
    let size = pixels.count / 3
    return PackedRows(
      lengths: [Int](repeating: input.places, count: 3),
      patches: (0..<3).flatMap { input.rows(of: Array(pixels[$0 * size..<($0 + 1) * size])) })
  }

  @Test(arguments: [Float(0), 0.3])
  func `has the cross entropy of the mean of both heads for its loss`(_ smoothing: Float) throws {
    let model = try model()
    let rows = try rows(model)
    let classifier = try #require(model.classifier)
    let ids = model.engine.tensor(rows.positions, [rows.count])
    var pass = model.pass(rows)
    let logits = model.engine.floats(classifier.logits(ids, pass)).map(Double.init)
    pass.labelSmoothing = smoothing
    let classes: [Int32] = [2, 0, 1]
    let losses = model.engine.floats(classifier.losses(ids, .classes(classes), pass))
    for (index, label) in classes.enumerated() {
      let own = Array(logits[3 * index..<3 * index + 3])
      let sum = log(own.reduce(0) { $0 + exp($1) })
      let share = Double(smoothing)
      let mean = own.reduce(0) { $0 + sum - $1 } / 3
      let wanted = (1 - share) * (sum - own[Int(label)]) + share * mean
      #expect(abs(Double(losses[index]) - wanted) < 1e-4)
    }
  }

  @Test func `gets both heads anew for other classes`() throws {
    let classes = Classification(labels: ["a", "b", "c", "d"], problem: .singleLabel)
    let other = try model(as: .classifier(classes))
    #expect(other.freshModules == ["cls_classifier", "distillation_classifier"])
    #expect(other.classifier?.head.savedModules == other.freshModules)
    #expect(other.classifier?.head.outputs == 4)
    let renewed = try model(as: .classifier(nil), renewing: true)
    #expect(renewed.freshModules == other.freshModules && renewed.classifier?.head.outputs == 3)
    let same = try model(as: .classifier(nil))
    #expect(same.freshModules.isEmpty)
    #expect(same.architecture.className == "DeiTForImageClassificationWithTeacher")
  }

  @Test func `is read as the plain class where that is meant, and the other way round`() throws {
    var classes = Classification(labels: ["a", "b", "c"], problem: .singleLabel)
    classes.className = "DeiTForImageClassification"
    let plain = try model(as: .classifier(classes))
    #expect(plain.freshModules == ["classifier"])
    #expect(plain.architecture.className == "DeiTForImageClassification")
    #expect(plain.config["architectures"] == ["DeiTForImageClassification"])
    #expect(plain.notes.contains { $0.contains("cls_classifier, distillation_classifier") })
    classes.className = "DeiTForImageClassificationWithTeacher"
    let taught = try Model(
      from: ModelFixture.root.appending(path: "vision/deit"), as: .classifier(classes),
      precision: .float32, engine: CPUEngine())
    #expect(taught.freshModules == ["cls_classifier", "distillation_classifier"])
  }
}
