import LowRankCheckpoints
import LowRankTensors

/// The two heads of DeiT with a teacher, each on a token of its own; what they say is the mean of both.
///
/// `y = (W₁ x₁ + b₁ + W₂ x₂ + b₂) / 2`, with `x₁` the class token and `x₂` the token that learned from a teacher (Touvron et al.,
/// arXiv 2012.12877). transformers' class has no loss; here it is the cross entropy of the mean.
struct TeacherHead: ClassifierHead {
  /// The class of transformers.
  static let className = "DeiTForImageClassificationWithTeacher"
  /// The names of the maps, in the order of their tokens.
  static let modules = ["cls_classifier", "distillation_classifier"]

  let pooling = Pooling.firstTwo
  let savedModules = Self.modules
  private let width: Int
  private var maps: [any LinearMap]

  /// Heads for so many classes on hidden states of a width.
  init(width: Int, count: Int, _ builder: inout ModelBuilder<some WeightSource>) throws {
    self.width = width
    maps = try Self.modules.map {
      try builder.linear($0, inputs: width, outputs: count, bias: true)
    }
  }

  /// Whether a configuration is of the class.
  ///
  /// - Throws: `JSONError` for `architectures` of the wrong type.
  static func isNamed(by config: some JSONFields) throws -> Bool {
    try config.optionalStrings("architectures")?.contains(className) ?? false
  }

  var outputs: Int { maps[0].outputs }

  func logits(_ pooled: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let parts = maps.indices.map { index in
      maps[index](compute.columns(index * width..<(index + 1) * width, of: pooled), pass)
    }
    return compute.scaled(compute.sum(parts[0], parts[1]), by: 0.5)
  }

  func losses(_ pooled: Tensor, classes: Tensor, _ pass: Pass) -> Tensor {
    let engine = pass.compute.engine
    let logits = logits(pooled, pass)
    // The loss is that of a head, which for logits is the identity.
    var identity = [Float](repeating: 0, count: outputs * outputs)
    for index in 0..<outputs { identity[index * outputs + index] = 1 }
    return pass.compute.headLoss(
      logits, LinearWeight(engine.tensor(identity, [outputs, outputs], type: .float32)),
      labels: classes, smoothing: pass.labelSmoothing)
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    for index in maps.indices { try LowRankTransformers.visit(&maps[index], .head, visit) }
  }

  /// There is none.
  mutating func setDropout(_ probability: Float) {}
}
