import Foundation
import LowRank
import Synchronization

/// The base model, with a head for each kind of classifier that adapters bring.
///
/// All share the weights of the backbone.
package final class ServedBases: Sendable {
  /// The model without adapters.
  package let model: Model
  private let others = Mutex<[Classification: Model]>([:])

  package init(_ model: Model) { self.model = model }

  /// The base with the head that an adapter belongs to.
  ///
  /// - Throws: what opening the model throws.
  func base(for head: ModelHead?) throws -> Model {
    guard case .classifier(let wanted?) = head, model.classifier != nil, let folder = model.folder
    else { return model }
    if let known = others.withLock({ $0[wanted] }) { return known }
    var other = try Model(
      from: folder.url, as: .classifier(wanted),
      precision: model.type == .bfloat16 ? .bfloat16 : .float32, engine: model.engine)
    var shared: [String: Parameter] = [:]
    for parameter in model.architecture.backbone.parameters { shared[parameter.path] = parameter }
    for parameter in other.architecture.backbone.parameters {
      guard let own = shared[parameter.path], own.shape == parameter.shape else { continue }
      other.store[parameter] = model.store[own]
    }
    others.withLock { [other] in $0[wanted] = other }
    return other
  }
}
