import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// What a run trains: parameters of a model, and how passes select them.
public struct TrainableModel: Sendable {
  /// The model with the trained updates added.
  public var model: Model
  /// What is trained.
  public let parameters: [Parameter]
  /// The adapters that passes select.
  public let selection: AdapterSelection
  /// What the optimizer sees together.
  public let groups: [ParameterGroup]

  /// An adapter on its frozen base.
  public init(_ adapter: Adapter) {
    model = adapter.model
    parameters = adapter.trainable
    selection = adapter.selection
    let scales = Dictionary(uniqueKeysWithValues: adapter.sites.map { ($0.path, $0.scale) })
    groups = ParameterGroup.grouping(
      parameters, pairs: adapter.updates.flatMap(\.pairs)
    ) { scales[$0] ?? 1 }
  }

  /// All weights of a model, for pre-training; they are kept in f32 whatever the model's type.
  public init(all model: Model) {
    var model = model
    parameters = model.architecture.parameters
    for parameter in parameters {
      model.store[parameter] = model.engine.converted(model.store[parameter], to: .float32)
    }
    self.model = model
    selection = .none
    groups = ParameterGroup.grouping(parameters) { _ in 1 }
  }
}
