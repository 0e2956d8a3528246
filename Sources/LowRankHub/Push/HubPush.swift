import Foundation
import LowRankCheckpoints

/// Files to commit to a repository of the hub, all in one commit.
///
/// If anything fails, nothing is committed. Files that the repository has already are not sent again.
public struct HubPush: Sendable {
  /// The repository, and the branch in it.
  public var name: HubName
  /// The files to write; other files of the repository stay.
  public var files: [PushFile]
  /// The commit's title.
  public var message: String
  /// Whether a new repository is private.
  public var isPrivate = false
  /// Whether the commit is proposed as a pull request.
  public var opensPullRequest = false

  /// Files for a repository.
  public init(_ files: [PushFile], to name: HubName, message: String) {
    (self.files, self.name, self.message) = (files, name, message)
  }

  /// The result of a push.
  public struct Outcome: Hashable, Sendable {
    /// The repository, with its owner.
    public let id: String
    /// The branch, or `refs/pr/…` where a change was proposed.
    public let revision: String
    /// The commit that holds the files: a new one, or the last one where nothing had changed.
    public let commit: String
    /// Where to see it.
    public let url: String
    /// The files that were new or had changed.
    public let files: [String]
    /// The files that the repository held already.
    public let unchanged: [String]
    /// The bytes of files that were sent.
    public let bytesUploaded: Int
  }

  /// Makes the repository and the branch where they are missing, sends what is new, and commits it.
  ///
  /// - Parameter report: told what is being sent, from any thread.
  /// - Throws: `PushError`; `HubError` where the hub cannot be asked; `FileError`; `CancellationError`.
  public func run(
    _ settings: HubSettings, reporting report: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Outcome {
    guard !settings.isOffline else { throw PushError.offline }
    guard settings.token != nil else { throw PushError.noToken(hub: settings.endpoint) }
    guard !name.isCommit else { throw PushError.noBranch(revision: name.revision) }
    return try await HubSender.lent(settings) { sender in
      let place = try await PushTarget.found(self, sender, report)
      guard !place.isModel else { throw PushError.model(id: place.id) }
      let files = files.filter { file in
        let givesWay = file.givesWay && place.files.contains(file.path)
        if givesWay { report("note: \(place.id) has a \(file.path) already, which stays as it is") }
        return !givesWay
      }
      var plan = try await PushPlan(files, place, sender, opensPullRequest: opensPullRequest)
      guard !plan.entries.isEmpty else {
        return outcome(place, place.head, url: place.url(settings.endpoint), plan)
      }
      try await plan.uploadLarge(place, sender, opensPullRequest: opensPullRequest, report)
      return try await commit(plan, place, sender)
    }
  }

  private func commit(_ plan: PushPlan, _ place: PushTarget, _ sender: HubSender) async throws
    -> Outcome
  {
    let hub = sender.client.settings.endpoint
    let query = opensPullRequest ? "?create_pr=1" : ""
    let reply = try await sender.post(
      "/api/models/\(place.id)/commit/\(place.revision.percentEncoded)\(query)",
      plan.commit(message, parent: place.head), type: "application/x-ndjson", isCommitting: true)
    if [409, 412].contains(reply.status) {
      throw PushError.moved(id: place.id, revision: place.revision)
    }
    try reply.check(place.id, hub)
    let (commit, request) = try reply.read { answer in
      (try answer.string("commitOid"), try answer.optionalString("pullRequestUrl"))
    }
    return outcome(place, commit, url: request ?? place.url(hub), plan, request: request)
  }

  private func outcome(
    _ place: PushTarget, _ commit: String, url: String, _ plan: PushPlan, request: String? = nil
  ) -> Outcome {
    let number = request?.split(separator: "/").last.flatMap { Int($0) }
    return Outcome(
      id: place.id, revision: number.map { "refs/pr/\($0)" } ?? place.revision, commit: commit,
      url: url, files: plan.entries.map(\.file.path), unchanged: plan.unchanged,
      bytesUploaded: plan.entries.reduce(0) { $0 + ($1.isStored ? 0 : $1.file.size) })
  }
}
