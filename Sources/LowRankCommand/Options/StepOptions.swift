import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// The flags that say how many steps a run takes and how each is made.
struct StepOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Rows of a batch.", valueName: "n"))
  var batchSize: Int = 4

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Batches per step (gradient accumulation); the last step of an epoch has the batches that remain.",
      valueName: "n"))
  var gradAccumulation: Int = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of the run. (default: 1000, unless --epochs is given)", valueName: "n"))
  var iters: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Passes over the data, instead of --iters.", valueName: "n"))
  var epochs: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The highest learning rate.", valueName: "x"))
  var learningRate: Double = 2e-4

  @Option(
    help: ArgumentHelp(
      "linear, cosine or polynomial, which fall to --lr-floor at the end; inverse_sqrt; or constant.",
      valueName: "name"), completion: .schedule)
  var lrSchedule: String = "linear"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The final learning rate of linear, cosine and polynomial. (default: 0)", valueName: "x"))
  var lrFloor: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The power of polynomial: 2 falls fast at first. (default: 1)", valueName: "x"))
  var lrPower: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time scale T of inverse_sqrt: the rate has halved 3T steps after the warm-up. (default: the warm-up's steps, or 10000 without one)",
      valueName: "n"))
  var lrTimescale: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps in which the learning rate rises from 0, or their share of the run, as 0.1.",
      valueName: "n"))
  var warmup: String = "0"

  @Option(
    help: ArgumentHelp(
      "How the factors are stepped, as NAME or NAME:option=value,…; see lowrank methods. (default: adamw)",
      valueName: "name"), completion: .methods(.optimizers))
  var optimizer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The weight decay. (default: 0.0)", valueName: "x"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Parameters without weight decay: bias, norm, magnitude (of DoRA) and embedding, comma-separated, or none. (default: bias,norm as with transformers' Trainer; factors and other weights decay)",
      valueName: "kinds"), completion: .list(["bias", "norm", "magnitude", "embedding", "none"]))
  var noDecay: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The decay rates for the averages of gradients and of their squares. (default: 0.9,0.999)",
      valueName: "b1,b2"))
  var adamBetas: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is added to AdamW's divisor; LoRA-FA has 1e-06 unless it is given. (default: 1e-08)",
      valueName: "x"))
  var adamEps: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Scale larger gradients down to this norm. (default: off)", valueName: "x"))
  var maxGradNorm: Double?

  /// What these flags say.
  ///
  /// - Throws: `SettingsError` for an optimizer that is not there.
  var settings: StepSettings {
    get throws {
      var settings = StepSettings()
      settings.batchSize = batchSize
      settings.gradAccumulation = gradAccumulation
      (settings.iters, settings.epochs) = (iters, epochs)
      settings.learningRate = learningRate
      settings.schedule = lrSchedule
      (settings.rateFloor, settings.ratePower) = (lrFloor, lrPower)
      settings.rateTimescale = lrTimescale
      settings.warmup = warmup
      settings.optimizer = try optimizer.map { try MethodChoice($0, on: .optimizers) }
      (settings.weightDecay, settings.noDecay) = (weightDecay, noDecay)
      (settings.adamBetas, settings.adamEpsilon) = (adamBetas, adamEps)
      settings.maxGradNorm = maxGradNorm
      return settings
    }
  }
}
