import LowRankCheckpoints
import LowRankTensors

extension Model {
  /// The model with a head of its own, which starts as the table of embeddings it was tied to.
  ///
  /// Its configuration says so from then on, and ``notes`` too; a model whose head is not tied stays as it is.
  public func untied() -> Model {
    guard let causal = architecture as? CausalModel, causal.isHeadTied else { return self }
    let tied = causal.head
    var model = self
    let own = Parameter("\(tied.path).weight", tied.weight.shape, role: .weight, module: tied.path)
    model.store[own] = store[tied.weight]
    model.architecture.walk { site, place in
      if site.role == .head { place = .linear(Dense(path: tied.path, weight: own)) }
    }
    var object = config.object
    object["tie_word_embeddings"] = false
    model.config = JSONFile(object, at: config.url)
    model.notes.append(
      "\(tied.path) is no longer tied to the embeddings: only one of them changed, "
        + "so the model has \(own.shape.count) parameters more")
    return model
  }
}
