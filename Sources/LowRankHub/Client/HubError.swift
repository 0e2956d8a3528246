/// Something that the hub, the way to it, or its cache refused.
public struct HubError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of refusal it is.
  public enum Kind: Hashable, Sendable {
    /// A name, a revision or a variable that is none.
    case malformed
    /// The terms of a repository are to be accepted first.
    case gated
    /// There is no such repository, or it is private.
    case absent
    /// The repository has no such revision.
    case revision
    /// The repository does not hold what is wanted.
    case content
    /// Nothing may be asked for, and not everything is here.
    case offline
    /// The disk is full, or would be.
    case space
    /// A redirect to nowhere, in a circle, or to where nothing is asked for.
    case redirect
    /// The hub cannot be reached.
    case unreachable
    /// Nothing came for too long.
    case stalled
    /// The connection broke.
    case cut
    /// What came is not what was announced.
    case mismatch
    /// What answers is no hub.
    case foreign
    /// The token is refused, or none.
    case token
    /// Too many requests.
    case limited
    /// The hub failed.
    case failing
    /// The certificate of the other side is not trusted.
    case certificate
  }

  /// What kind of refusal it is.
  public let kind: Kind
  /// One sentence with what to do.
  public let description: String
  /// How many seconds the hub asks to wait before the next try.
  let delay: Int?

  init(_ kind: Kind, _ description: String, delay: Int? = nil) {
    self.kind = kind
    self.description = description
    self.delay = delay
  }

  /// Whether it may pass, so that trying again makes sense.
  var mayPass: Bool {
    switch kind {
    case .unreachable, .stalled, .cut, .limited, .failing: true
    default: false
    }
  }

  /// Whether what was fetched earlier may be used instead of an answer.
  var leavesCache: Bool { mayPass || kind == .foreign || kind == .certificate }
}
