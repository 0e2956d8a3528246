/// The name of a setting of a run: a key of YAML and JSON, and with dashes a flag of the command line.
public enum RunKey: String, CodingKey, CaseIterable, Sendable {
  // The model.
  case model, allow, precision, threads, seed
  case config, tokenizer
  // The data.
  case data
  case textColumn = "text_column"
  case labelColumn = "label_column"
  case promptColumn = "prompt_column"
  case completionColumn = "completion_column"
  case promptTemplate = "prompt_template"
  case separator
  case maxSequenceLength = "max_seq_length"
  case trainOn = "train_on"
  case chatTemplate = "chat_template"
  case trainFile = "train_file"
  case validFile = "valid_file"
  case testFile = "test_file"
  case trainSplit = "train_split"
  case validSplit = "valid_split"
  case testSplit = "test_split"
  case validShare = "valid_share"
  // The adapter.
  case method
  case initialization = "init"
  case ranks, rank, alpha, dropout, rslora, dora, target
  case targetPattern = "target_regex"
  case exclude, layers
  case rankPattern = "rank_pattern"
  case alphaPattern = "alpha_pattern"
  case bias
  case modulesToSave = "modules_to_save"
  case trainableTokens = "trainable_tokens"
  case addTokens = "add_tokens"
  case initAdapter = "init_adapter"
  // The steps.
  case batchSize = "batch_size"
  case gradAccumulation = "grad_accumulation"
  case iters, epochs
  case learningRate = "learning_rate"
  case schedule = "lr_schedule"
  case rateFloor = "lr_floor"
  case ratePower = "lr_power"
  case rateTimescale = "lr_timescale"
  case warmup, optimizer
  case weightDecay = "weight_decay"
  case noDecay = "no_decay"
  case adamBetas = "adam_betas"
  case adamEpsilon = "adam_eps"
  case maxGradNorm = "max_grad_norm"
  // The run.
  case task, metric
  case objective, beta
  case lossType = "loss_type"
  case simpoGamma = "simpo_gamma"
  case desirableWeight = "desirable_weight"
  case undesirableWeight = "undesirable_weight"
  case precomputeReference = "precompute_reference"
  case output = "adapter_path"
  case baseDropout = "base_dropout"
  case evalEvery = "eval_every"
  case evalRows = "eval_rows"
  case saveEvery = "save_every"
  case saveTotalLimit = "save_total_limit"
  case patience
  case labelSmoothing = "label_smoothing"
  case noShuffle = "no_shuffle"
  case resume, overwrite
  case compressAfter = "compress_after"
  // Records, memory and time.
  case tensorboard, store
  case noStore = "no_store"
  case gradCheckpointing = "grad_checkpointing"
  case packing
  case memoryLimit = "memory_limit"
  case statisticsMemory = "statistics_memory"
  case dryRun = "dry_run"
}
