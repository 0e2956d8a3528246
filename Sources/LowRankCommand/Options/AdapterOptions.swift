import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// The flags that say what an adapter is, by PEFT's names where it has them.
struct AdapterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What is added to the weights, as NAME or NAME:option=value,…; see lowrank methods. (default: lora)",
      valueName: "name"), completion: .methods(.architectures))
  var method: String?

  @Option(
    help: ArgumentHelp(
      "Where the factors start, as NAME or NAME:option=value,…; some read batches of the data first. (default: kaiming)",
      valueName: "name"), completion: .methods(.initializations))
  var `init`: String?

  @Option(
    help: ArgumentHelp(
      "How modules get their ranks, as NAME or NAME:option=value,…. (default: fixed)",
      valueName: "name"), completion: .methods(.ranks))
  var ranks: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rank of every module. (default: 8)", valueName: "r"))
  var rank: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Scales the adapter's update by alpha / rank. (default: twice the rank)", valueName: "a"))
  var alpha: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The probability of dropping an input of the adapter while training. (default: 0)",
      valueName: "p"))
  var dropout: Double?

  @Flag(help: "Scale by alpha / √rank (rank-stabilised LoRA); as --ranks fixed:rslora=true.")
  var rslora = false

  @Flag(help: "Train magnitudes and directions separately (DoRA); as --method dora.")
  var dora = false

  @Option(
    help: ArgumentHelp(
      "Modules by name, comma-separated; all-linear; or qv: queries and values. (default: qv)",
      valueName: "names"), completion: .target)
  var target: String?

  @Option(
    help: ArgumentHelp("Modules whose whole path matches a regular expression.", valueName: "re"))
  var targetRegex: String?

  @Option(help: ArgumentHelp("Modules to leave out, comma-separated.", valueName: "names"))
  var exclude: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Layers by number, as 0,2,8-11. (default: all)", valueName: "list"))
  var layers: String?

  @Option(help: ArgumentHelp("Ranks of single modules, as q_proj=4,up_proj=16.", valueName: "k=v"))
  var rankPattern: String?

  @Option(help: ArgumentHelp("Alphas of single modules, as q_proj=8.", valueName: "k=v"))
  var alphaPattern: String?

  @Option(
    help: ArgumentHelp(
      "Biases of the model to train: none, all, or lora_only (those of adapted modules). (default: none)",
      valueName: "which"), completion: .list(["none", "all", "lora_only"]))
  var bias: String?

  @Option(
    help: ArgumentHelp(
      "Modules to train and save whole, comma-separated.", valueName: "names"))
  var modulesToSave: String?

  @Option(
    help: ArgumentHelp(
      "Tokens whose embeddings are trained, by id or text, comma-separated; a head that is tied to the embeddings changes with them.",
      valueName: "tokens"))
  var trainableTokens: String?

  @OptionGroup var tokens: TokenOptions

  /// What these flags say.
  ///
  /// - Throws: `SettingsError` for a method that is not there.
  var settings: AdapterSettings {
    get throws {
      var settings = AdapterSettings()
      settings.method = try method.map { try MethodChoice($0, on: .architectures) }
      settings.initialization = try self.`init`.map { try MethodChoice($0, on: .initializations) }
      settings.ranks = try ranks.map { try MethodChoice($0, on: .ranks) }
      (settings.rank, settings.alpha, settings.dropout) = (rank, alpha, dropout)
      (settings.rslora, settings.dora) = (rslora, dora)
      (settings.target, settings.targetPattern) = (target, targetRegex)
      (settings.exclude, settings.layers) = (exclude, layers)
      (settings.rankPattern, settings.alphaPattern) = (rankPattern, alphaPattern)
      (settings.bias, settings.modulesToSave) = (bias, modulesToSave)
      settings.trainableTokens = trainableTokens
      settings.addedTokens = tokens.settings
      return settings
    }
  }
}
