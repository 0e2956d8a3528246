import Foundation
import LowRank

/// What `--compress-after` made of the adapter of a run.
struct CompressedRun {
  let place: URL
  let policy: String
  let certificate: Certificate
  /// The mean validation loss before and after; nil without rows to evaluate on.
  let losses: (before: Double, after: Double)?
  /// What is said of DoRA's magnitudes; nil for an adapter without them.
  let note: String?

  var json: JSONObject {
    var facts = certificate.json
    facts["adapter"] = .string(place.relativePath)
    facts["policy"] = .string(policy)
    facts["valid_loss_before"] = losses.map { .double($0.before) } ?? .null
    facts["valid_loss_after"] = losses.map { .double($0.after) } ?? .null
    if let note { facts["note"] = .string(note) }
    return facts
  }

  var text: String {
    let scores = losses.map {
      String(format: ", validation loss %.4f before, %.4f after", $0.before, $0.after)
    }
    return "\(place.relativePath): pruned by \(policy), \(certificate.parametersBefore) → "
      + "\(certificate.parametersAfter) parameters\(scores ?? "")\(note.map { "; \($0)" } ?? "")"
  }
}
