import Foundation
import LowRank

/// What `compress` says to people of an adapter that it pruned.
struct CompressionText {
  private let certificate: Certificate
  private let facts: JSONObject

  /// Text about what was kept, and about what was measured and written.
  init(_ certificate: Certificate, _ facts: JSONObject) {
    (self.certificate, self.facts) = (certificate, facts)
  }

  /// The share of the energy above which discarding it is worth a warning.
  static let tolerated = 0.05

  /// The share of the energy that was discarded; with a calibration, of what the updates make of their inputs.
  static func discardedShare(of certificate: Certificate) -> Double {
    let (lost, all) =
      if let energy = certificate.outputEnergy, let lost = certificate.discardedOutputEnergy {
        (lost, energy)
      } else { (certificate.discardedEnergy, certificate.energy) }
    // Rounding may leave less than nothing.
    return all > 0 ? max(0, lost / all) : 0
  }

  /// A warning if a policy discards much; nil otherwise.
  ///
  /// - Parameters:
  ///   - policy: the flag that decided, with its value.
  ///   - advice: what to do instead.
  static func warning(_ share: Double, by policy: String, advice: String) -> String? {
    guard share > tolerated, share.isFinite else { return nil }
    return String(
      format: "warning: %@ discards %.1f %% of the energy of the updates; %@", policy, 100 * share,
      advice)
  }

  /// What is said of DoRA's magnitudes, which are kept; nil of an adapter without them.
  ///
  /// - Parameters:
  ///   - plain: the ranks that a policy gives where magnitudes ask for none; nil where there is no policy.
  ///   - policy: the policy in words.
  static func magnitudeNote(_ certificate: Certificate, _ plain: [Int]?, by policy: String)
    -> String?
  {
    guard certificate.magnitudes > 0 else { return nil }
    let note = "DoRA modules keep rank 1 or more, since their magnitudes act without it"
    let raised = zip(plain ?? [], certificate.modules).count { $0 == 0 && $1.rankAfter > 0 }
    return raised == 0
      ? note : "\(note); \(policy) by itself leaves out \(raised) of \(certificate.modules.count)"
  }

  /// A few lines: ranks and energy, sizes, and what was measured.
  func summary(of place: String) -> String {
    let (distance, rest) =
      certificate.magnitudes > 0
      ? ("‖s·BA − s·B'A'‖", ", magnitudes kept") : ("‖ΔW − ΔW'‖", "")
    let lines = [
      String(
        format: "%@: rank %d → %d, %.2f %% of the energy discarded, %@ ≤ %.4g of %.4g%@",
        place, certificate.rankBefore, certificate.rankAfter,
        100 * Self.discardedShare(of: certificate), distance, certificate.bound,
        certificate.energy.squareRoot(), rest),
      sizes, measurements, facts["note"]?.string.map { "note: \($0)" },
    ]
    return lines.compactMap { $0 }.joined(separator: "\n")
  }

  /// How much smaller the factors are, and the file that holds them.
  private var sizes: String {
    let (before, after) = (certificate.parametersBefore, certificate.parametersAfter)
    let factors =
      "factors: \(before) → \(after) parameters (\(AdapterFileSize.change(from: before, to: after)))"
    guard let file = Self.file(facts) else { return factors }
    return "\(factors); file: \(file)"
  }

  /// The sizes of the files before and after; nil if they are not known.
  static func file(_ facts: JSONObject) -> String? {
    guard let before = facts["file_bytes_before"]?.integer,
      let after = facts["file_bytes_after"]?.integer
    else { return nil }
    return "\(AdapterFileSize.text(before)) → \(AdapterFileSize.text(after)) "
      + "(\(AdapterFileSize.change(from: before, to: after)))"
  }

  private var measurements: String? {
    guard let before = facts["loss_before"]?.double, let after = facts["loss_after"]?.double,
      let divergence = facts["kl"]?.double
    else { return nil }
    var parts = [String(format: "loss %.4f → %.4f", before, after)]
    if let metrics = facts["after"]?.object {
      parts += metrics.entries.compactMap { key, value in
        guard let old = facts["before"]?.object?[key]?.double, let new = value.double else {
          return nil
        }
        return String(format: "%@ %.4f → %.4f", key, old, new)
      }
      parts.append(String(format: "KL %.2e a row", divergence))
    } else {
      parts.append(String(format: "perplexity %.3f → %.3f", exp(before), exp(after)))
      parts.append(String(format: "KL %.2e a token", divergence))
    }
    if let count = facts["evaluations"]?.integer {
      parts.append("found in \(count) \(count == 1 ? "evaluation" : "evaluations")")
    }
    return parts.joined(separator: ", ")
  }
}
