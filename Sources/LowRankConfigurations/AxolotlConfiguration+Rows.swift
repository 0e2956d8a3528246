import Foundation
import LowRank

extension AxolotlConfiguration {
  /// Writes what a set's type says of its rows.
  static func kind(of set: inout ForeignFile, in conversion: inout Conversion) {
    guard set.isText("type") || !set.has("type") else {
      withoutTemplate(&set, in: &conversion)
      return format(of: &set, in: &conversion)
    }
    let type = set.text("type") ?? "alpaca"
    let parts = type.split(separator: ":").map(String.init)
    if !["chat_template", "sharegpt"].contains(parts.first ?? type) {
      withoutTemplate(&set, in: &conversion)
    }
    switch parts.first ?? type {
    case "completion": completion(of: &set, in: &conversion)
    case "alpaca": alpaca(of: &set, style: parts.dropFirst().first, in: &conversion)
    case "chat_template", "sharegpt": conversations(of: &set, in: &conversion)
    case "input_output":
      conversion.run.note(
        .unsupported, set.label + "type",
        "input_output has rows of segments with labels, which lowrank does not read; write rows with prompt and completion"
      )
    default:
      conversion.run.note(
        .unsupported, set.label + "type",
        "\(type) adds wording of its own, which lowrank does not have; write rows with text, or with prompt and completion"
      )
    }
  }

  private static func isTrainingSet(_ set: ForeignFile) -> Bool { set.scope == "datasets." }

  /// Leaves chat templates aside, which only conversations are written with.
  private static func withoutTemplate(
    _ set: inout ForeignFile, in conversion: inout Conversion
  ) {
    let usual = ["tokenizer_default", "messages"]
    for key in ["chat_template", "chat_template_jinja", "conversation", "field_messages"] {
      if let value = set.text(key), !usual.contains(value) {
        conversion.run.note(
          .inert, set.label + key, "it is for conversations, which these rows are not")
      }
    }
    guard isTrainingSet(set) else { return }
    for key in ["chat_template", "chat_template_jinja"] {
      if conversion.file.has(key), conversion.file.text(key) != "tokenizer_default" {
        conversion.run.note(.inert, key, "it is for conversations, which these rows are not")
      }
      conversion.file.cross(off: key)
    }
  }

  private static func completion(of set: inout ForeignFile, in conversion: inout Conversion) {
    if isTrainingSet(set), let column = set.text("field"), column != "text" {
      conversion.run.set("text_column", .text(column))
    }
    set.cross(off: "field")
    conversion.run.note(
      .changed, set.label + "type",
      "axolotl divides a long text into several rows; here each text is one row, cut at max_seq_length"
    )
  }

  /// Rows of `instruction`, `input` and `output`, which the named template writes as axolotl's `alpaca` does.
  private static func alpaca(
    of set: inout ForeignFile, style: String?, in conversion: inout Conversion
  ) {
    let template: NamedTemplate? =
      switch style {
      case nil: .alpaca
      case "chatml": .chatml
      default: nil
      }
    guard let template else {
      return conversion.run.note(
        .unsupported, set.label + "type",
        "lowrank does not have the style \(style ?? "") of Alpaca")
    }
    if isTrainingSet(set) { conversion.run.set("chat_template", .text(template.rawValue)) }
    conversion.run.note(
      .changed, set.label + "type",
      template == .alpaca
        ? "for rows with an input, axolotl writes another introduction and puts the input under ### Input; lowrank puts it on the line after the instruction"
        : "axolotl writes the introduction of Alpaca as a system turn; lowrank writes none")
  }

  /// Conversations, written by the set's template, else by the file's.
  private static func conversations(of set: inout ForeignFile, in conversion: inout Conversion) {
    if let column = set.text("field_messages"), !["messages", "conversations"].contains(column),
      isTrainingSet(set)
    {
      conversion.run.set("text_column", .text(column))
    }
    mappings(of: &set, in: &conversion)
    var named = set.text("chat_template") ?? set.text("conversation")
    var label = set.label + "chat_template"
    if named == nil || named == "tokenizer_default", isTrainingSet(set) {
      named = conversion.file.text("chat_template")
      label = "chat_template"
    }
    let inline = set.text("chat_template_jinja") ?? conversion.file.text("chat_template_jinja")
    guard isTrainingSet(set) else { return }
    template(named, label: label, inline: inline, in: &conversion)
  }

  /// Names of the keys of messages: those of either common form are found here without being told.
  private static func mappings(of set: inout ForeignFile, in conversion: inout Conversion) {
    let known = ["role": ["role", "from"], "content": ["content", "value"]]
    for (key, names) in known {
      let key = "message_property_mappings." + key
      guard let name = set.text(key), !names.contains(name) else { continue }
      conversion.run.note(
        .unsupported, set.label + key, "is \(name), expected \(names.joined(separator: " or "))")
    }
  }

  /// Writes the chat template: a named one, or a file.
  static func template(
    _ name: String?, label: String, inline: String?, in conversion: inout Conversion
  ) {
    if let inline, name == nil || name == "jinja" {
      if FileManager.default.fileExists(atPath: inline) {
        conversion.run.set("chat_template", .text(inline))
      } else {
        conversion.run.note(
          .unsupported, "chat_template_jinja",
          "is the text of a template: write it into a file, and give that as chat_template")
      }
      return
    }
    if inline != nil {
      conversion.run.note(
        .inert, "chat_template_jinja", "axolotl uses the template that is named instead")
    }
    guard let name, name != "tokenizer_default" else { return }
    let known: [String: (NamedTemplate, String?)] = [
      "chatml": (.chatml, nil), "llama3": (.llama3, nil), "gemma3": (.gemma, nil),
      "mistral_v1": (.mistral, nil), "zephyr": (.zephyr, nil),
      "gemma": (
        .gemma,
        "axolotl's template refuses a system turn; lowrank's puts it before the first question"
      ),
      "mistral_v2v3": (.mistral, "axolotl's template has other spaces around [INST]"),
      "alpaca": (
        .alpaca, "axolotl's template has no introduction without a system turn at the start"
      ),
      "tokenizer_default_fallback_chatml": (
        .chatml,
        "axolotl uses chatml only if the model has no template: remove the key if it has one"
      ),
    ]
    guard let (template, difference) = known[name] else {
      return conversion.run.note(
        .unsupported, label,
        "lowrank has no template with the name \(name): write it into a file, and give that as chat_template"
      )
    }
    conversion.run.set("chat_template", .text(template.rawValue))
    if let difference { conversion.run.note(.changed, label, "\(name): \(difference)") }
  }

  /// Rows whose type is a mapping with the names of columns and a format.
  private static func format(of set: inout ForeignFile, in conversion: inout Conversion) {
    let own = "type."
    func note(_ key: String, _ says: String) {
      conversion.run.note(.unsupported, set.label + own + key, says)
    }
    let prompt = set.text(own + "field_instruction") ?? "instruction"
    let completion = set.text(own + "field_output") ?? "output"
    let format = set.text(own + "format") ?? "{instruction} {input} "
    let plain = set.text(own + "no_input_format") ?? "{instruction} "
    let hasSystem = !(set.text(own + "system_prompt") ?? "").isEmpty
    let systemFormat = set.text(own + "system_format")
    _ = (set.text(own + "field_input"), set.text(own + "field_system"))
    if hasSystem || !(systemFormat ?? "{system}").replacing("{system}", with: "").isEmpty {
      note("system_prompt", "lowrank has no key for it; write it into the prompts")
    }
    if format != plain, format.contains("{input}") {
      note(
        "format",
        "the input is left out, because lowrank has no place for it; write it into the prompts")
    }
    guard isTrainingSet(set) else { return }
    let text = plain.replacing("{instruction}", with: "{\(prompt)}")
    if text != "{\(prompt)}" { conversion.run.set("prompt_template", .text(text)) }
    if text == "{\(prompt)}", prompt != "prompt" || completion != "completion" {
      conversion.run.set("prompt_column", .text(prompt))
    }
    if completion != "completion" { conversion.run.set("completion_column", .text(completion)) }
  }
}
