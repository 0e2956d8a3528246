/// What a token lets its owner do.
package struct TestToken: Sendable {
  /// The namespaces that a token may write in.
  package enum Reach: Sendable {
    case nothing
    case namespaces([String])
    case everything
  }

  package let text: String
  package let user: String
  package let writes: Reach
  /// Whether the owner was let into gated repositories.
  package let opensGated: Bool

  package init(
    _ text: String, user: String = "tester", writes: Reach = .everything, opensGated: Bool = true
  ) {
    (self.text, self.user, self.writes, self.opensGated) = (text, user, writes, opensGated)
  }

  func writes(to repository: String) -> Bool {
    switch writes {
    case .nothing: false
    case .everything: true
    case .namespaces(let names): names.contains { repository.hasPrefix($0 + "/") }
    }
  }
}
