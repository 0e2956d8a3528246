import LowRankKeys

/// Something that keeps files from being pushed.
public enum PushError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No token was given.
  case noToken(hub: String)
  /// The token is of nobody.
  case refusedToken(hub: String)
  /// The token's owner may not write there.
  case forbidden(id: String, reason: String)
  /// The hub has no room for it.
  case tooLarge(what: String, reason: String)
  /// Somebody else has committed in between.
  case moved(id: String, revision: String)
  /// The connection broke.
  case cut(host: String, isCommitting: Bool)
  /// The hub takes a file of this length in parts only.
  case partsOnly(path: String, size: Int)
  /// The repository is there, and public.
  case alreadyPublic(id: String)
  /// The repository holds a model, among whose files an adapter would lie.
  case model(id: String)
  /// Commits cannot be made at such a revision.
  case noBranch(revision: String)
  /// The repository's rules leave a file out.
  case ignored(path: String, id: String)
  /// Nothing may be asked for.
  case offline
  /// The hub refuses for another reason.
  case refused(id: String, status: Int, reason: String)

  /// One sentence with what to do.
  public var description: String {
    switch self {
    case .noToken(let hub):
      "pushing needs a token: set HF_TOKEN to one of \(hub) that may write"
    case .refusedToken(let hub):
      "\(hub) refuses the token: set HF_TOKEN to a valid one that may write"
    case .forbidden(let id, let reason):
      "the token may not write to \(id)\(Self.quoted(reason)); use a token with the right to write there, or "
        + "\(setting: "create_pr") to propose the change"
    case .tooLarge(let what, let reason):
      "the hub has no room for \(what)\(Self.quoted(reason)); nothing was committed"
    case .moved(let id, let revision):
      "\(id) has a new commit on \(revision) since the push began: nothing was committed, push again to add to it"
    case .cut(let host, true):
      "the connection to \(host) broke while it committed: push again, what is there already is not sent twice"
    case .cut(let host, false):
      "the connection to \(host) broke: nothing was committed, push again"
    case .partsOnly(let path, let size):
      "the hub takes \(path) of \(HubError.text(size)) in parts only, which is not done here: push it with "
        + "huggingface_hub, or make it smaller with lowrank compress"
    case .alreadyPublic(let id):
      "\(id) is there and public, \(setting: "private") would not hide it: push without it, or hide it on its page"
    case .model(let id):
      "\(id) holds a model, and an adapter among its files would be taken for a part of it: push to another repository"
    case .noBranch(let revision):
      "\(revision) is no branch: commits are made on branches, not on commits and tags"
    case .ignored(let path, let id):
      "the .gitignore of \(id) leaves out \(path): change that, or push to another repository"
    case .offline:
      "nothing can be pushed while HF_HUB_OFFLINE is set: unset it"
    case .refused(let id, let status, let reason):
      "the hub refuses to change \(id), status \(status)\(Self.quoted(reason)); nothing was committed"
    }
  }

  /// What the hub says, within limits.
  private static func quoted(_ reason: String) -> String {
    let words = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)
    let end = words.lastIndex { !".;,".contains($0) }
    guard let end else { return "" }
    return ": \(words[...end])"
  }
}
