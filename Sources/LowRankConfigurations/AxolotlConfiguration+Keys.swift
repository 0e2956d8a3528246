extension AxolotlConfiguration {
  /// Axolotl's keys, as far as they have to do with training an adapter on texts.
  static let keys: [String: KeyRule] =
    read.merging(lost) { $1 }.merging(inert) { $1 }.merging(ofDatasets) { $1 }

  private static let read: [String: KeyRule] = Dictionary(
    uniqueKeysWithValues: [
      "base_model", "output_dir", "seed", "adapter", "lora_model_dir", "lora_r", "lora_alpha",
      "lora_dropout", "lora_target_modules", "lora_target_linear", "lora_modules_to_save",
      "lora_rank_pattern", "lora_alpha_pattern", "peft_use_dora", "peft_use_rslora",
      "peft_layers_to_transform", "peft_trainable_token_indices", "datasets", "test_datasets",
      "val_set_size", "sequence_len",
      "excess_length_strategy", "sample_packing", "micro_batch_size", "batch_size",
      "gradient_accumulation_steps", "num_epochs", "max_steps", "optimizer", "lr_scheduler",
      "lr_scheduler_kwargs.lr_end", "lr_scheduler_kwargs.power", "lr_scheduler_kwargs.timescale",
      "lr_scheduler_kwargs.min_lr", "lr_scheduler_kwargs.min_lr_rate", "cosine_min_lr_ratio",
      "learning_rate", "warmup_steps", "warmup_ratio", "weight_decay", "max_grad_norm",
      "adam_beta1", "adam_beta2", "adam_epsilon", "bf16", "bfloat16", "fp16", "float16",
      "auto_resume_from_checkpoints", "eval_steps", "save_steps", "load_best_model_at_end",
      "metric_for_best_model", "special_tokens", "gradient_checkpointing",
      "early_stopping_patience",
      "save_total_limit", "label_smoothing_factor", "saves_per_epoch", "evals_per_epoch", "tokens",
      "chat_template", "chat_template_jinja", "peft_init_lora_weights", "loraplus_lr_ratio",
      "train_on_inputs",
    ].map { ($0, KeyRule.read) })

  /// What is to be said of keys of objectives.
  private static let preferences =
    "preferences are learned with train --objective, which has settings of its own"

  private static let lost: [String: KeyRule] = [
    "load_in_4bit": .lost(
      "lowrank does not quantise the base: it takes more memory, and results differ"),
    "load_in_8bit": .lost(
      "lowrank does not quantise the base: it takes more memory, and results differ"),
    "gptq": .lost("weights of GPTQ are not supported"),
    "gptq_*": .lost("weights of GPTQ are not supported"),
    "bnb_config_kwargs": .lost("lowrank does not quantise the base"),
    "loftq_*": .lost("lowrank has init loftq for GGUF files, whose dense model it needs"),
    "peft": .lost("lowrank does not quantise the base"),
    "peft_layer_replication": .lost("lowrank does not repeat layers"),
    "lora_target_parameters": .lost("lowrank does not adapt parameters outside of modules"),
    "unfrozen_parameters": .lost(
      "lowrank train keeps the weights of the base; lowrank pretrain trains all of them"),
    "relora*": .lost("lowrank has ranks relora, with options of its own"),
    "jagged_restart_*": .lost("lowrank has ranks relora, with a schedule of its own"),
    "lisa_*": .lost("lowrank trains all layers at every step"),
    "eot_tokens": .lost("lowrank uses the end token of the tokenizer"),
    "default_system_message": .lost("lowrank adds no system message; write it into the rows"),
    "added_tokens_overrides": .lost("lowrank does not replace tokens of the tokenizer"),
    "tokenizer_config": .lost("lowrank uses the tokenizer of the model folder"),
    "pretraining_dataset": .lost(
      "lowrank reads all rows before training; give files, or a data set on the hub"),
    "streaming": .lost(
      "lowrank reads all rows before training; give files, or a data set on the hub"),
    "curriculum_sampling": .lost(
      "lowrank shuffles rows in every epoch; no_shuffle: true keeps the order of the file"),
    "shuffle_merged_datasets": .lost(
      "lowrank shuffles rows in every epoch; no_shuffle: true keeps the order of the file",
      unless: ["true"]),
    "rl": .lost(preferences),
    "rl_*": .lost(preferences),
    "orpo_*": .lost(preferences),
    "simpo_*": .lost(preferences),
    "cpo_*": .lost(preferences),
    "kto_*": .lost(preferences),
    "rpo_*": .lost(preferences),
    "ebft": .lost("lowrank supports training on next tokens alone"),
    "center_rewards_coefficient": .lost("lowrank supports training on next tokens alone"),
    "trl": .lost("lowrank supports training on next tokens alone"),
    "dpo_*": .lost(preferences),
    "reward_model": .lost("use task: regression, whose labels are numbers"),
    "process_reward_model": .lost("use task: classification"),
    "num_labels": .lost("use task: classification"),
    "neftune_noise_alpha": .lost("lowrank adds no noise to embeddings"),
    "noisy_embedding_alpha": .lost("lowrank adds no noise to embeddings"),
    "optim_args": .lost("set the numbers of AdamW with adam_betas and adam_eps"),
    "optim_target_modules": .lost("lowrank uses AdamW for all trained parameters"),
    "adam_beta3": .lost("AdamW has two betas"), "adam_epsilon2": .lost("AdamW has one epsilon"),
    "dion_*": .lost("this run uses AdamW"),
    "qgalore_*": .lost("this run uses AdamW"),
    "lr_groups": .lost("lowrank has one learning rate for all trained parameters"),
    "embedding_lr": .lost("lowrank has one learning rate for all trained parameters"),
    "embedding_lr_scale": .lost("lowrank has one learning rate for all trained parameters"),
    "lr_quadratic_warmup": .lost("the warm-up of lowrank is linear"),
    "cosine_constant_lr_ratio": .lost("the cosine schedule of lowrank ends with the run"),
    "lr_div_factor": .lost("the warm-up of lowrank starts at 0"),
    "lr_scheduler_kwargs.num_cycles": .lost(
      "the cosine schedule of lowrank is half a wave", unless: ["0.5"]),
    "lr_scheduler_kwargs.*": .lost("the schedules of lowrank have no such setting"),
    "s2_attention": .lost("lowrank uses the attention of config.json"),
    "sliding_window": .lost("lowrank uses the attention of config.json"),
    "rope_*": .lost("lowrank uses the positions of config.json"),
    "overrides_of_model_config": .lost("lowrank reads the model from config.json"),
    "model_config_type": .lost("lowrank reads the model from config.json"),
    "use_pose": .lost("lowrank does not change the positions of tokens"),
    "pose_*": .lost("lowrank does not change the positions of tokens"),
    "scaling_softmax*": .lost("lowrank uses the attention of config.json"),
    "chat_template_kwargs": .lost("lowrank gives the chat template no further arguments"),
    "reinit_weights": .lost("lowrank does not reset weights of the base"),
    "min_sample_len": .lost("lowrank leaves out no row because of its length"),
    "quantize_moe_experts": .lost("lowrank does not quantise weights"),
    "quantization": .lost("lowrank does not quantise weights"),
    "qat": .lost("lowrank does not quantise weights"),
    "fp8": .lost("set precision to f32, bf16 or auto"),
    "fp8_*": .lost("set precision to f32, bf16 or auto"),
    "eaft_*": .lost("the loss of lowrank is the cross entropy of tokens"),
    "model_quantization_config": .lost("lowrank does not quantise weights"),
    "dataset_exact_deduplication": .lost(
      "lowrank keeps repeated rows; lowrank data check names them"),
    "dataset_shard_num": .lost("lowrank reads whole files", unless: ["1"]),
    "dataset_shard_idx": .lost("lowrank reads whole files", unless: ["0"]),
    "revision_of_model": .lost("give the revision with the model, as owner/name@revision"),
    "fix_untrained_tokens": .lost("lowrank does not change the embeddings of untrained tokens"),
    "llama4_linearized_experts": .lost("mixtures of experts are not supported"),
    "model_quantization_config_kwargs": .lost("lowrank does not quantise weights"),
    "overrides_of_model_kwargs": .lost("lowrank reads the model from config.json"),
    "max_packed_sequence_len": .lost("packs of lowrank have at most sequence_len tokens"),
    "pretraining_sample_concatenation": .lost(
      "lowrank reads all rows before training; give files, or a data set on the hub"),
    "role_boundaries": .lost("lowrank finds the ends of turns by the chat template"),
    "trainer_cls": .lost("lowrank runs no code of other trainers"),
    "use_onebitllms": .lost("lowrank does not quantise weights"),
    "float32": .lost("set precision to f32, bf16 or auto", unless: ["true"]),
    "plugins": .lost(
      "a plugin may change the result; plugins that only save time or memory are not needed"),
    "resume_from_checkpoint": .lost(
      "lowrank does not continue from checkpoints of transformers; resume: true continues a run of lowrank"
    ),
    "use_eaft": .lost("the loss of lowrank is the cross entropy of tokens"),
    "use_dynamic_finetuning": .lost("the loss of lowrank is the cross entropy of tokens"),
    "cls_*": .lost("the loss of lowrank is the mean over tokens"),
    "lora_plus*": .lost("lowrank has one learning rate for A and B"),
  ]

  private static let ofDatasets: [String: KeyRule] = {
    var rules: [String: KeyRule] = [
      "path": .read, "type": .read, "field": .read, "data_files": .read,
      "ds_type": .inert("lowrank knows the format by the name of the file"),
      "split": .lost("lowrank reads whole files", unless: ["train"]),
      "name": .lost("files have no configurations"), "revision": .inert("files have no revisions"),
      "trust_remote_code": .inert("lowrank never runs code of a data set"),
      "preprocess_shards": .inert("lowrank reads all rows at the start"),
      "shards": .lost("lowrank reads whole files"),
      "shards_idx": .lost("lowrank reads whole files"),
      "field_messages": .lost(
        "it is for conversations alone", unless: ["messages", "conversations"]),
      "message_property_mappings.role": .read, "message_property_mappings.content": .read,
      "message_property_mappings.*": .lost(
        "lowrank gives other keys of messages to the template under their own names"),
      "field_human": .inert("axolotl ignores it"),
      "field_model": .inert("axolotl ignores it"),
      "conversation": .read, "chat_template_jinja": .read,
      "temperature": .lost("lowrank supports training on next tokens alone"),
      "logprobs_field": .lost("lowrank supports training on next tokens alone"),
      "type.system_prompt": .read, "type.system_format": .read, "type.field_system": .read,
      "type.field_instruction": .read, "type.field_input": .read, "type.field_output": .read,
      "type.format": .read, "type.no_input_format": .read,
      "message_field_role": .lost("rename that field of the messages to role", unless: ["role"]),
      "message_field_content": .lost(
        "rename that field of the messages to content", unless: ["content"]),
      "field_tools": .lost("rename that field of the rows to tools", unless: ["tools"]),
      "train_on_eos": .lost("lowrank trains on the end of each turn", unless: ["turn"]),
      "train_on_eot": .lost("lowrank trains on the end of each turn", unless: ["turn"]),
      "chat_template": .read,
    ]
    for key in [
      "roles", "roles_to_train", "template_thinking_key",
      "drop_system_message", "message_field_training", "message_field_training_detail",
      "split_thinking", "field_thinking", "input_format", "input_transform", "skip",
    ] {
      rules[key] = .lost("lowrank does not change rows")
    }
    rules["roles_to_train"] = .lost(
      "lowrank trains on the turns of the assistant", unless: ["assistant"])
    return Dictionary(
      uniqueKeysWithValues: ["datasets.", "test_datasets."].flatMap { scope in
        rules.map { (scope + $0.key, $0.value) }
      })
  }()
}
