/// What a repository of the hub holds, which its addresses and its folder in the cache say.
public enum RepositoryKind: String, Hashable, Sendable {
  /// A model or an adapter.
  case model
  /// A data set.
  case dataset

  /// The word of addresses and of the cache: `models`, `datasets`.
  var plural: String { "\(rawValue)s" }

  /// What comes before the name in addresses other than those below `/api`.
  var prefix: String { self == .model ? "" : "\(plural)/" }
}
