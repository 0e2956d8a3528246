import ArgumentParser
import Foundation
import LowRank

/// `lowrank convert`: writes an adapter, or a run's configuration, in the format of another tool.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Turn adapters of PEFT, mlx-lm, llama.cpp and loralib into each other, and configurations into ours.",
    usage: """
      lowrank convert <adapter> --to <format> --output <path> [--from <format>] [--model <dir>] [--overwrite] [--json]
      lowrank convert <file.pt> --to peft --model <dir> --alpha <a> [--enable-lora q,v] --output <dir>
      lowrank convert config <file> --output <yaml>
      """,
    discussion: """
      The result is read back and its updates are compared: exact means that every product s·BA has the same factors and \
      scale. If a format has one rank or one scale for all modules, smaller ranks are filled with zeros, and other scales are \
      multiplied into B and rounded once. What a format cannot hold is refused by name. Write ./config for an adapter folder \
      with the name config.

      Adapters of PEFT before safetensors (adapter_model.bin) are written as safetensors with --to peft. Files of \
      microsoft/LoRA (loralib) hold factors alone: --alpha is the lora_alpha of training, and --enable-lora says which \
      parts of a fused map such as GPT-2's c_attn are adapted.

      \(adapterHelp)
      """,
    subcommands: [ConvertAdapter.self, ConvertConfiguration.self],
    defaultSubcommand: ConvertAdapter.self)

  /// The part of an adapter's help that lists its flags: the parser shows those of a default verb nowhere.
  private static var adapterHelp: Substring {
    let help = ConvertAdapter.helpMessage()
    return help[(help.range(of: "ARGUMENTS:")?.lowerBound ?? help.endIndex)...]
  }
}
