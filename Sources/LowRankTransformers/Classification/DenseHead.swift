import LowRankTensors

/// The head of most families: perhaps a dense map with its activation and norm, then the map to the classes.
struct DenseHead: ClassifierHead {
  let pooling: Pooling
  let savedModules: [String]
  private var inputDropout: Float?
  private var dense: (any LinearMap)?
  private let denseRole: Site.Role
  private let activation: Activation?
  private let norm: NormLayer?
  private var dropout: Float
  private var output: any LinearMap

  init(
    pooling: Pooling, savedModules: [String], inputDropout: Float? = nil,
    dense: (any LinearMap)? = nil, denseRole: Site.Role = .head, activation: Activation? = nil,
    norm: NormLayer? = nil, dropout: Float = 0, output: any LinearMap
  ) {
    self.pooling = pooling
    self.savedModules = savedModules
    self.inputDropout = inputDropout
    self.dense = dense
    self.denseRole = denseRole
    self.activation = activation
    self.norm = norm
    self.dropout = dropout
    self.output = output
  }

  var outputs: Int { output.outputs }

  func logits(_ pooled: Tensor, _ pass: Pass) -> Tensor { output(features(pooled, pass), pass) }

  func losses(_ pooled: Tensor, classes: Tensor, _ pass: Pass) -> Tensor {
    pass.compute.headLoss(
      features(pooled, pass), output.effectiveWeight(pass),
      bias: output.bias.map { pass.value($0, at: output.path + ".bias") }, labels: classes,
      smoothing: pass.labelSmoothing)
  }

  /// What the last map is given, `[sequences, width]`.
  private func features(_ pooled: Tensor, _ pass: Pass) -> Tensor {
    var x = pass.dropout(pooled, inputDropout ?? 0, site: "classifier.input_dropout")
    if let dense { x = dense(x, pass) }
    if let activation { x = pass.compute.activation(activation, x) }
    if let norm { x = norm(x, pass).output }
    return pass.dropout(x, dropout, site: "classifier.dropout")
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&dense, denseRole, visit)
    try norm?.walk(visit)
    try LowRankTransformers.visit(&output, .head, visit)
  }

  mutating func setDropout(_ probability: Float) {
    if inputDropout != nil { inputDropout = probability }
    dropout = probability
  }
}
