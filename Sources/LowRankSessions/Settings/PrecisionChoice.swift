import LowRank
import Synchronization

/// The precision that a verb computes in, and what chose it: printed once, and in the JSON of the verb.
package struct PrecisionChoice: Sendable {
  /// The type of weights and matrix inputs, `f32` or `bf16`.
  let type: String
  /// What chose it: the flag, or the processor.
  let chooser: String

  private static let current = Mutex<PrecisionChoice?>(nil)

  /// The precision of a name, noted for ``json`` and ``announce()``.
  ///
  /// - Throws: `SettingsError` for another word.
  package static func taken(_ name: String) throws -> Precision {
    let precision = try Precision(setting: name)
    let isAutomatic = precision == .automatic
    let choice = PrecisionChoice(
      type: (precision.elementType == .bfloat16 ? Precision.bfloat16 : .float32).rawValue,
      chooser: isAutomatic ? "auto" : "flag")
    current.withLock { $0 = choice }
    return precision
  }

  /// Prints the precision once, if the processor decided it; a verb calls this when its model is open.
  package static func announce() {
    guard let choice = current.withLock({ $0 }), choice.chooser == "auto",
      Surroundings.current.once.isFirst("precision")
    else { return }
    Remarks.say("precision: \(choice.type) (\(.precision) auto: \(reason(choice.type)))")
  }

  /// The fields `precision` and `precision_chosen_by`; none where no model was opened.
  package static var json: JSONObject {
    guard let choice = current.withLock({ $0 }) else { return [:] }
    return ["precision": .string(choice.type), "precision_chosen_by": .string(choice.chooser)]
  }

  private static func reason(_ type: String) -> String {
    type == Precision.bfloat16.rawValue
      ? "this processor multiplies bf16" : "this processor has no instructions for bf16"
  }
}
