extension MLXConfiguration {
  /// The keys of `mlx_lm.lora`, of its older versions too.
  static let keys: [String: KeyRule] = [
    "model": .read, "data": .read, "adapter_path": .read, "seed": .read, "fine_tune_type": .read,
    "optimizer": .read, "num_layers": .read, "lora_layers": .read, "batch_size": .read,
    "iters": .read, "learning_rate": .read, "steps_per_eval": .read, "save_every": .read,
    "max_seq_length": .read, "grad_accumulation_steps": .read, "mask_prompt": .read,
    "text_feature": .read, "prompt_feature": .read, "completion_feature": .read,
    "chat_feature": .read,
    "resume_adapter_file": .lost(
      "convert the folder of that file with lowrank convert, and give the result as init_adapter"
    ),

    "optimizer_config.adam.betas": .read, "optimizer_config.adam.eps": .read,
    "optimizer_config.adam.bias_correction": .read, "optimizer_config.adamw.betas": .read,
    "optimizer_config.adamw.eps": .read, "optimizer_config.adamw.bias_correction": .read,
    "optimizer_config.adamw.weight_decay": .read,
    "optimizer_config.*": .inert("it belongs to an optimizer that is not used"),

    "lora_parameters.keys": .read, "lora_parameters.rank": .read, "lora_parameters.scale": .read,
    "lora_parameters.dropout": .read,
    "lora_parameters.alpha": .inert("mlx-lm ignores it and multiplies by scale"),

    "lr_schedule.name": .read, "lr_schedule.warmup": .read, "lr_schedule.warmup_init": .read,
    "lr_schedule.arguments": .read,

    "hf_dataset.path": .read, "hf_dataset.prompt_feature": .read,
    "hf_dataset.completion_feature": .read, "hf_dataset.text_feature": .read,
    "hf_dataset.chat_feature": .read,
    "hf_dataset.train_split": .read, "hf_dataset.valid_split": .read,
    "hf_dataset.test_split": .read,
    "hf_dataset.config.*": .lost("lowrank takes no arguments of datasets.load_dataset"),

    "training_mode": .lost(
      "lowrank supports training on next tokens alone", unless: ["normal", "sft"]),
    "train": .lost("lowrank train always trains; lowrank evaluate measures"),
    "test": .inert("lowrank evaluate measures a trained adapter"),
    "test_batches": .inert("lowrank evaluate takes all rows"),
    "val_batches": .read,
    "steps_per_report": .inert("lowrank reports every step"),
    "grad_checkpoint": .read,
    "clear_cache_threshold": .inert("it concerns the memory of the GPU"),
    "report_to": .inert("lowrank sends nothing to other services"),
    "project_name": .inert("lowrank sends nothing to other services"),
    "wandb": .inert("lowrank sends nothing to other services"),
    "trust_remote_code": .inert("lowrank never runs code of a model"),
    "config": .inert("a configuration of lowrank is one file"),
  ]
}
