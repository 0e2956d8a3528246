/// The names that people know from other trainers for flags of ours.
///
/// An alias applies in a verb that has no flag of that name itself. The first of its meanings that the verb has counts.
enum FlagAliases {
  /// The flags that a name may stand for, in order of preference.
  static func names(for alias: String) -> [String] { meanings[alias] ?? [] }

  /// What to do instead of a flag of another trainer whose meaning differs from that of any flag of ours.
  static func advice(for name: String) -> String? { advice[name] }

  /// Why a flag of another trainer has no counterpart, in a sentence that begins with it.
  static func reason(against name: String) -> String? { reasons[name] }

  private static let reasons: [String: String] = {
    let device = "lowrank computes on the processor, with --threads N threads"
    let bits = "a quantised base is a GGUF file, as --model model-q4_k_m.gguf"
    return [
      "--device": device, "--device-map": device, "--gpu": device, "--gpus": device,
      "--cuda": device,
      "--load-in-4bit": bits, "--load-in-8bit": bits, "--quantization": bits, "--quantize": bits,
      "--qlora": bits, "--bits": bits,
    ]
  }()

  private static let meanings: [String: [String]] = [
    "-m": ["--model"], "--model-path": ["--model"], "--model-name-or-path": ["--model"],
    "--base-model": ["--model", "--base"], "--base": ["--model"],
    "-a": ["--adapter"], "--adapter-path": ["--adapter"], "--adapter-file": ["--adapter"],
    "--lora": ["--adapter"], "--lora-path": ["--adapter"], "--peft": ["--adapter"],
    "-d": ["--data"], "--data-path": ["--data"], "--dataset": ["--data"],
    "--dataset-path": ["--data"],
    "-o": ["--output", "--adapter-path"], "--output": ["--adapter-path"],
    "--output-dir": ["--output", "--adapter-path"],
    "--output-path": ["--output", "--adapter-path"],
    "--save-path": ["--output", "--adapter-path"], "--out": ["--output", "--adapter-path"],
    "-p": ["--prompt"], "-b": ["--batch-size", "--batch"], "--bs": ["--batch-size", "--batch"],
    "-q": ["--quiet"],
    "--lr": ["--learning-rate"], "--lr-scheduler": ["--lr-schedule"],
    "--lr-scheduler-type": ["--lr-schedule"], "--scheduler": ["--lr-schedule"],
    "--schedule": ["--lr-schedule"], "--min-lr": ["--lr-floor"], "--wd": ["--weight-decay"],
    "--warmup-steps": ["--warmup"], "--warmup-ratio": ["--warmup"], "--betas": ["--adam-betas"],
    "--eps": ["--adam-eps"], "--adam-epsilon": ["--adam-eps"], "--clip": ["--max-grad-norm"],
    "--grad-clip": ["--max-grad-norm"], "--clip-grad": ["--max-grad-norm"],
    "--epoch": ["--epochs"], "--num-epochs": ["--epochs"], "--num-train-epochs": ["--epochs"],
    "--iterations": ["--iters"], "--steps": ["--iters"], "--max-steps": ["--iters"],
    "--num-steps": ["--iters"],
    "--batch": ["--batch-size"], "--train-batch-size": ["--batch-size"],
    "--per-device-train-batch-size": ["--batch-size"], "--eval-batch-size": ["--batch-size"],
    "--grad-accum": ["--grad-accumulation"], "--grad-accum-steps": ["--grad-accumulation"],
    "--grad-accumulation-steps": ["--grad-accumulation"],
    "--gradient-accumulation": ["--grad-accumulation"],
    "--gradient-accumulation-steps": ["--grad-accumulation"],
    "--grad-checkpoint": ["--grad-checkpointing"],
    "--gradient-checkpointing": ["--grad-checkpointing"],
    "--seq-len": ["--max-seq-length", "--length"],
    "--seq-length": ["--max-seq-length", "--length"],
    "--sequence-length": ["--max-seq-length"], "--sequence-len": ["--max-seq-length"],
    "--max-seq-len": ["--max-seq-length"], "--max-length": ["--max-seq-length"],
    "--max-len": ["--max-seq-length"], "--cutoff-len": ["--max-seq-length"],
    "--r": ["--rank"], "--lora-r": ["--rank"], "--lora-rank": ["--rank"],
    "--lora-alpha": ["--alpha"], "--lora-dropout": ["--dropout"], "--use-dora": ["--dora"],
    "--use-rslora": ["--rslora"], "--target-modules": ["--target"], "--targets": ["--target"],
    "--lora-target-modules": ["--target"], "--exclude-modules": ["--exclude"],
    "--eval-steps": ["--eval-every"], "--steps-per-eval": ["--eval-every"],
    "--save-steps": ["--save-every"], "--early-stopping-patience": ["--patience"],
    "--dpo-beta": ["--beta"], "--rl": ["--objective"], "--pref-loss": ["--loss-type"],
    "--precompute-ref-log-probs": ["--precompute-reference"], "--gamma": ["--simpo-gamma"],
    "--temp": ["--temperature"], "--max-new-tokens": ["--max-tokens"],
    "--colour": ["--color"], "--num-threads": ["--threads"],
    "--dtype": ["--precision"], "--random-seed": ["--seed"],
  ]

  private static let advice: [String: String] = [
    "-r": "--rank or --resume", "-f": "--overwrite", "--force": "--overwrite",
    "--num-layers": "--layers, which lists layers by number, as 8-15",
    "--lora-layers": "--layers, which lists layers by number, as 8-15",
    "--scale": "--alpha, which is the scale times the rank",
    "--resume-adapter-file": "--init-adapter for a new run, or --resume for the same run",
    "--resume-from-checkpoint": "--resume, with --adapter-path for the run's folder",
    "--bf16": "--precision bf16", "--fp32": "--precision f32", "--fp16": "--precision bf16",
    "--val-set-size": "--valid-share, or a file valid.jsonl in the data folder",
    "--val-split": "--valid-share, as --valid-share 0.1, or --valid-split for a split by its name",
    "--validation-split":
      "--valid-share, as --valid-share 0.1, or --valid-split for a split by its name",
    "--validation-share": "--valid-share", "--test-size": "--valid-share",
  ]
}
