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
      "chat_template", "chat_template_jinja",
    ].map { ($0, KeyRule.read) })

  private static let lost: [String: KeyRule] = [
    "load_in_4bit": .lost("the base is not quantised here: more memory, and other numbers"),
    "load_in_8bit": .lost("the base is not quantised here: more memory, and other numbers"),
    "gptq": .lost("quantised weights are not read"),
    "gptq_*": .lost("quantised weights are not read"),
    "bnb_config_kwargs": .lost("the base is not quantised here"),
    "loftq_*": .lost("adapters begin with B at zero here"),
    "peft": .lost("the base is not quantised here"),
    "peft_init_lora_weights": .lost("adapters begin with B at zero here", unless: ["true"]),
    "peft_layer_replication": .lost("layers are not repeated here"),
    "lora_target_parameters": .lost("parameters without a module are not adapted here"),
    "loraplus_lr_ratio": .lost("both factors have one learning rate here", unless: ["1", "1.0"]),
    "unfrozen_parameters": .lost("lowrank pretrain trains whole weights, all of them"),
    "relora*": .lost("the adapter is not merged while it is trained"),
    "jagged_restart_*": .lost("the learning rate does not begin again"),
    "lisa_*": .lost("all layers are trained at every step"),
    "train_on_inputs": .lost("prompts are not trained"),
    "eot_tokens": .lost("the tokenizer's own end is used"),
    "default_system_message": .lost("rows say all that is trained"),
    "added_tokens_overrides": .lost("the tokenizer is taken as it is"),
    "tokenizer_config": .lost("the tokenizer is that of the model folder"),
    "pretraining_dataset": .lost("rows are read from files"),
    "streaming": .lost("rows are read from files"),
    "curriculum_sampling": .lost("see no_shuffle, which keeps the order of the file"),
    "shuffle_merged_datasets": .lost(
      "see no_shuffle, which keeps the order of the file", unless: ["true"]),
    "rl": .lost("only next tokens are trained here"),
    "rl_*": .lost("only next tokens are trained here"),
    "orpo_*": .lost("only next tokens are trained here"),
    "simpo_*": .lost("only next tokens are trained here"),
    "cpo_*": .lost("only next tokens are trained here"),
    "kto_*": .lost("only next tokens are trained here"),
    "rpo_*": .lost("only next tokens are trained here"),
    "ebft": .lost("only next tokens are trained here"),
    "center_rewards_coefficient": .lost("only next tokens are trained here"),
    "trl": .lost("only next tokens are trained here"),
    "dpo_*": .lost("only next tokens are trained here"),
    "reward_model": .lost("see --task regression"),
    "process_reward_model": .lost("see --task classification"),
    "num_labels": .lost("see --task classification"),
    "neftune_noise_alpha": .lost("embeddings get no noise"),
    "noisy_embedding_alpha": .lost("embeddings get no noise"),
    "optim_args": .lost("AdamW takes adam_betas and adam_eps"),
    "optim_target_modules": .lost("AdamW steps all that is trained"),
    "adam_beta3": .lost("AdamW has two"), "adam_epsilon2": .lost("AdamW has one"),
    "dion_*": .lost("this run takes AdamW"),
    "qgalore_*": .lost("this run takes AdamW"),
    "lr_groups": .lost("all that is trained has one learning rate"),
    "embedding_lr": .lost("all that is trained has one learning rate"),
    "embedding_lr_scale": .lost("all that is trained has one learning rate"),
    "lr_quadratic_warmup": .lost("the rate rises along a line"),
    "cosine_constant_lr_ratio": .lost("the cosine ends with the run"),
    "lr_div_factor": .lost("the rate rises from 0"),
    "lr_scheduler_kwargs.num_cycles": .lost("the cosine is half a wave", unless: ["0.5"]),
    "lr_scheduler_kwargs.*": .lost("the schedule does not know it"),
    "s2_attention": .lost("attention is that of the model"),
    "sliding_window": .lost("attention is that of the model"),
    "rope_*": .lost("positions are those of config.json"),
    "overrides_of_model_config": .lost("config.json says what the model is"),
    "model_config_type": .lost("config.json says what the model is"),
    "use_pose": .lost("positions are those of the rows"),
    "pose_*": .lost("positions are those of the rows"),
    "scaling_softmax*": .lost("attention is that of the model"),
    "chat_template_kwargs": .lost("the tokenizer's own template is used"),
    "reinit_weights": .lost("the base is taken as it is"),
    "min_sample_len": .lost("no row is left out for its length"),
    "quantize_moe_experts": .lost("nothing is quantised here"),
    "quantization": .lost("nothing is quantised here"), "qat": .lost("nothing is quantised here"),
    "fp8": .lost("see precision"), "fp8_*": .lost("see precision"),
    "eaft_*": .lost("the loss is the cross entropy of tokens"),
    "model_quantization_config": .lost("nothing is quantised here"),
    "dataset_exact_deduplication": .lost("repeated rows are kept; lowrank data check names them"),
    "dataset_shard_num": .lost("a file is read whole", unless: ["1"]),
    "dataset_shard_idx": .lost("a file is read whole", unless: ["0"]),
    "revision_of_model": .lost("give the revision with the model, as owner/name@revision"),
    "fix_untrained_tokens": .lost("rows of tokens that are not trained stay as they are"),
    "llama4_linearized_experts": .lost("experts are not built"),
    "model_quantization_config_kwargs": .lost("nothing is quantised here"),
    "overrides_of_model_kwargs": .lost("config.json says what the model is"),
    "max_packed_sequence_len": .lost("packs have at most sequence_len tokens"),
    "pretraining_sample_concatenation": .lost("rows are read from files"),
    "role_boundaries": .lost("the chat template says where turns end"),
    "trainer_cls": .lost("no code of others is run"),
    "use_onebitllms": .lost("nothing is quantised here"),
    "float32": .lost("see precision", unless: ["true"]),
    "plugins": .lost(
      "may change what is trained; kernels that only save time or memory are not needed here"),
    "resume_from_checkpoint": .lost(
      "goes on with checkpoints of transformers; of its own a run goes on with resume: true"),
    "use_eaft": .lost("the loss is the cross entropy of tokens"),
    "use_dynamic_finetuning": .lost("the loss is the cross entropy of tokens"),
    "cls_*": .lost("the loss is the mean over tokens"),
    "lora_plus*": .lost("both factors have one learning rate here"),
  ]

  private static let ofDatasets: [String: KeyRule] = {
    var rules: [String: KeyRule] = [
      "path": .read, "type": .read, "field": .read, "data_files": .read,
      "ds_type": .inert("the file's name says its format"),
      "split": .lost("a file is read whole", unless: ["train"]),
      "name": .lost("a file has no configurations"), "revision": .inert("files have none"),
      "trust_remote_code": .inert("no code of a data set is ever run"),
      "preprocess_shards": .inert("rows are read at once"),
      "shards": .lost("a file is read whole"), "shards_idx": .lost("a file is read whole"),
      "field_messages": .lost(
        "only conversations have it", unless: ["messages", "conversations"]),
      "message_property_mappings.role": .read, "message_property_mappings.content": .read,
      "message_property_mappings.*": .lost(
        "other keys of messages are handed to the template by their own names"),
      "field_human": .inert("axolotl does not read it"),
      "field_model": .inert("axolotl does not read it"),
      "conversation": .read, "chat_template_jinja": .read,
      "temperature": .lost("only next tokens are trained here"),
      "logprobs_field": .lost("only next tokens are trained here"),
      "type.system_prompt": .read, "type.system_format": .read, "type.field_system": .read,
      "type.field_instruction": .read, "type.field_input": .read, "type.field_output": .read,
      "type.format": .read, "type.no_input_format": .read,
      "message_field_role": .lost("rename that field of the messages to role", unless: ["role"]),
      "message_field_content": .lost(
        "rename that field of the messages to content", unless: ["content"]),
      "field_tools": .lost("rename that field of the rows to tools", unless: ["tools"]),
      "train_on_eos": .lost("the end of each turn is trained", unless: ["turn"]),
      "train_on_eot": .lost("the end of each turn is trained", unless: ["turn"]),
      "chat_template": .read,
    ]
    for key in [
      "roles", "roles_to_train", "template_thinking_key",
      "drop_system_message", "message_field_training", "message_field_training_detail",
      "split_thinking", "field_thinking", "input_format", "input_transform", "skip",
    ] {
      rules[key] = .lost("rows are read as they are")
    }
    rules["roles_to_train"] = .lost("assistant turns are trained", unless: ["assistant"])
    return Dictionary(
      uniqueKeysWithValues: ["datasets.", "test_datasets."].flatMap { scope in
        rules.map { (scope + $0.key, $0.value) }
      })
  }()
}
