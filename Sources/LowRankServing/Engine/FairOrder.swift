/// Who comes next: the tenant that was served least, of its adapters the one that was served least, then the earliest.
///
/// Service is counted in tokens, as in the virtual token counter of Sheng et al., "Fairness in Serving Large Language
/// Models", arXiv 2401.00588: whoever comes back after a pause has no credit for the time away.
struct FairOrder {
  fileprivate struct Share: Hashable {
    let tenant: String
    let mix: String
  }

  private var byTenant: [String: Int] = [:]
  private var byShare: [Share: Int] = [:]

  /// Counts tokens that a sequence was served.
  mutating func count(_ tokens: Int, for sequence: RunningSequence) {
    byTenant[sequence.request.tenant, default: 0] += tokens
    byShare[Share(sequence), default: 0] += tokens
  }

  /// Brings a tenant and an adapter that come to no less than the least of those that are there.
  mutating func arrive(_ sequence: RunningSequence, beside others: [RunningSequence]) {
    let tenant = sequence.request.tenant
    if !others.contains(where: { $0.request.tenant == tenant }) {
      let least = Set(others.map(\.request.tenant)).map { byTenant[$0, default: 0] }.min() ?? 0
      byTenant[tenant] = max(byTenant[tenant, default: 0], least)
    }
    let own = others.filter { $0.request.tenant == tenant }
    if !own.contains(where: { $0.mixKey == sequence.mixKey }) {
      let least = Set(own.map { Share($0) }).map { byShare[$0, default: 0] }.min() ?? 0
      byShare[Share(sequence)] = max(byShare[Share(sequence), default: 0], least)
    }
  }

  /// Forgets everything; for when nobody is there.
  mutating func reset() { (byTenant, byShare) = ([:], [:]) }

  /// The place of the sequence that comes next.
  func next(of waiting: [RunningSequence]) -> Int? {
    waiting.indices.min { isBefore(waiting[$0], waiting[$1]) }
  }

  private func isBefore(_ a: RunningSequence, _ b: RunningSequence) -> Bool {
    if a.wasPreempted != b.wasPreempted { return a.wasPreempted }
    let tenants = (byTenant[a.request.tenant, default: 0], byTenant[b.request.tenant, default: 0])
    if tenants.0 != tenants.1 { return tenants.0 < tenants.1 }
    let shares = (byShare[Share(a), default: 0], byShare[Share(b), default: 0])
    if shares.0 != shares.1 { return shares.0 < shares.1 }
    return a.arrival < b.arrival
  }
}

extension FairOrder.Share {
  init(_ sequence: RunningSequence) {
    self.init(tenant: sequence.request.tenant, mix: sequence.mixKey)
  }
}
