import ArgumentParser
import Foundation
import LowRank
import LowRankConfigurations
import LowRankConsole
import LowRankSessions

/// `lowrank convert config`: writes another trainer's configuration as a file for `train -c`.
struct ConvertConfiguration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Write mlx-lm's or axolotl's YAML as a file for lowrank train -c.",
    discussion: """
      Every key is either written or named with the reason why not. Keys that change the result and have no flag here are \
      named in a warning and in the first line of the file; decide whether the run is still the one you want. Defaults of the \
      other tool that differ from ours are written too. Files that are not on this machine are named in a warning.

      EXAMPLES:
        lowrank convert config lora_config.yaml --model models/qwen --output run.yaml
        lowrank train -c run.yaml
      """)

  @Argument(help: "A YAML file of mlx_lm.lora or of axolotl. (required)", completion: .yaml)
  var file: String?

  @Option(
    help: ArgumentHelp("Where the run's file is written. (required)", valueName: "yaml"),
    completion: .yaml)
  var output: String?

  @Option(
    help: ArgumentHelp("mlx or axolotl. (default: by the file's keys)", valueName: "tool"),
    completion: .list(["mlx", "axolotl"]))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "The model folder instead of the model that the file names; mlx-lm's last layers are counted in its config.json.",
      valueName: "dir"), completion: .model)
  var model: String?

  @OptionGroup var replacing: OverwriteOption<OneFile>

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let file else { throw UsageError("give the file to convert") }
    guard let output else { throw UsageError("--output FILE is missing") }
    let tool = try from.map { name in
      guard let tool = ForeignTool(rawValue: name) else {
        throw UsageError.value(name, of: "--from", expected: ["mlx", "axolotl"])
      }
      return tool
    }
    let place = try CheckedFile(
      output, name: "--output", overwrite: replacing.overwrite, kind: "YAML file",
      isKind: { ["yaml", "yml"].contains($0.pathExtension.lowercased()) }, sparing: [file])
    if let model { _ = try ModelFolder(at: Located.model(model)) }
    let foreign = try ForeignFile(at: file)
    if tool == nil, RunFile.holds(foreign.names) {
      throw UsageError("\(file) is a configuration of lowrank; give it to lowrank train -c")
    }
    let source = try tool ?? ForeignTool(guessing: foreign, at: file)
    let run = try source.convert(foreign, model: model)
    try publishFile(at: place.url, overwrite: replacing.overwrite) { url in
      let output = try OutputFile(at: url)
      try output.write(Array(run.yaml(of: "\(file) (\(source.name))").utf8))
      try output.close()
    }
    try report(run, of: source)
  }

  private func report(_ run: RunDraft, of tool: ForeignTool) throws {
    if !run.isFaithful { Console.write("warning: \(run.lossSentence)") }
    for finding in run.missing { Console.write("warning: \(finding.line)") }
    let titles: [(RunDraft.Fate, String)] = [
      (.unsupported, "not supported"), (.unknown, "unknown"), (.changed, "different here"),
      (.inert, "not needed"),
    ]
    for (fate, title) in titles {
      for finding in run.findings(fate)
      where !run.isMissing(finding) {
        let line = "  \(title): \(finding.line)"
        if run.isFaithful { Console.write(line) } else { Console.insist(line) }
      }
    }
    guard results.json else {
      return try Console.result(
        "\(output ?? ""): \(run.keys.count) keys; of \(tool.name)'s "
          + "\(run.findings(.unsupported).count) not supported, "
          + "\(run.findings(.unknown).count) unknown")
    }
    var result: JSONObject = [
      "output": .string(output ?? ""), "from": .string(tool.rawValue),
      "faithful": .bool(run.isFaithful),
    ]
    for (key, value) in run.json.entries { result[key] = value }
    try Console.result(result)
  }
}
