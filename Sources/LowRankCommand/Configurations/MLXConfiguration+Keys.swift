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
      "goes on with a file of mlx-lm; make a folder of it with lowrank convert, and give that as init_adapter"
    ),

    "optimizer_config.adam.betas": .read, "optimizer_config.adam.eps": .read,
    "optimizer_config.adam.bias_correction": .read, "optimizer_config.adamw.betas": .read,
    "optimizer_config.adamw.eps": .read, "optimizer_config.adamw.bias_correction": .read,
    "optimizer_config.adamw.weight_decay": .read,
    "optimizer_config.*": .inert("belongs to an optimizer that is not used"),

    "lora_parameters.keys": .read, "lora_parameters.rank": .read, "lora_parameters.scale": .read,
    "lora_parameters.dropout": .read,
    "lora_parameters.alpha": .inert("is not read by mlx-lm, which multiplies by scale"),

    "lr_schedule.name": .read, "lr_schedule.warmup": .read, "lr_schedule.warmup_init": .read,
    "lr_schedule.arguments": .read,

    "hf_dataset.path": .read, "hf_dataset.prompt_feature": .read,
    "hf_dataset.completion_feature": .read, "hf_dataset.text_feature": .read,
    "hf_dataset.chat_feature": .read,
    "hf_dataset.train_split": .read, "hf_dataset.valid_split": .read,
    "hf_dataset.test_split": .read,
    "hf_dataset.config.*": .lost("arguments of datasets.load_dataset have no effect here"),

    "training_mode": .lost("only next tokens are trained here", unless: ["normal", "sft"]),
    "train": .lost("training is all that train does"),
    "test": .inert("lowrank evaluate measures a trained adapter"),
    "test_batches": .inert("lowrank evaluate takes all rows"),
    "val_batches": .inert("all rows to evaluate on are taken"),
    "steps_per_report": .inert("every step is reported"),
    "grad_checkpoint": .read,
    "clear_cache_threshold": .inert("concerns the memory of the device"),
    "report_to": .inert("nothing is sent anywhere"),
    "project_name": .inert("nothing is sent anywhere"), "wandb": .inert("nothing is sent anywhere"),
    "trust_remote_code": .inert("no code of a model is ever run"),
    "config": .inert("a file has all its keys"),
  ]
}
