extension AxolotlConfiguration {
  /// Keys on which nothing that is trained depends, by the reason.
  static let inert: [String: KeyRule] = {
    let reasons: [String: [String]] = [
      "lowrank sends nothing to other services": [
        "wandb_*", "use_wandb", "mlflow_*", "hf_mlflow_log_artifacts", "use_mlflow", "comet_*",
        "use_comet", "trackio_*",
        "use_trackio", "swanlab_*", "use_swanlab", "otel_*", "use_otel_metrics", "hub_*", "push_*",
        "hf_use_auth_token", "use_tensorboard", "report_to",
      ],
      "lowrank reports every step": [
        "logging_steps", "logging_first_step", "include_tokens_per_second", "include_tkps",
        "profiler_*", "log_*", "debug", "eval_table_size", "eval_max_new_tokens",
      ],
      "lowrank pads no rows, so rows need not be grouped by length": [
        "batch_flattening", "pretrain_multipack_*", "streaming_multipack_buffer_size",
        "pad_to_sequence_len",
        "group_by_length", "eval_sample_packing", "sample_packing_*",
        "multipack_real_batches", "pad_to_multiple_of",
      ],
      "it only saves memory and does not change the result": [
        "gradient_checkpointing_kwargs", "activation_offloading",
        "low_cpu_mem_usage", "lora_on_cpu", "gc_steps", "qlora_sharded_model_loading", "tiled_mlp*",
        "chunked_cross_entropy*", "layer_offloading", "torch_empty_cache_steps",
        "selective_checkpointing", "gc_collect_steps",
        "auto_find_batch_size", "ple_cpu_offload",
      ],
      "lowrank has its own kernels": [
        "flash_*", "attn_implementation", "flex_attn_compile_kwargs", "gemma4_hybrid_attn_impl",
        "xformers_attention", "sdp_attention", "eager_attention",
        "flex_attention", "sage_attention", "attn_*", "lora_mlp_kernel", "lora_qkv_kernel",
        "lora_o_kernel", "lora_embedding_kernel", "torch_compile*", "liger_*", "cut_cross_entropy*",
        "unsloth_*", "tf32", "use_kernels", "fused_*", "deepcompile", "sdpa_*",
        "experts_implementation", "large_head_attention",
      ],
      "it distributes the work over devices or processes; lowrank trains on the CPU, with mpirun in several processes":
        [
          "deepspeed", "fsdp*", "ddp*", "dp_*", "tensor_parallel_size", "context_parallel_size",
          "sequence_parallel_degree", "ring_attn_func", "heads_k_stride", "device", "device_map",
          "world_size", "local_rank", "use_ray", "ray_*", "resources_per_worker", "torchdistx_path",
          "max_memory",
          "gpu_memory_limit",
          "accelerator_config",
          "experimental_skip_move_to_device",
        ],
      "lowrank reads all rows at the start": [
        "dataset_*", "dataloader_*", "total_num_tokens", "total_supervised_tokens",
        "num_dataset_shards_to_save",
        "shuffle_before_merging_datasets", "skip_prepare_dataset",
        "remove_unused_columns", "is_preprocess", "preprocess_iterable",
      ],
      "lowrank reads it from the model folder": [
        "base_model_config", "base_model_ignore_patterns", "model_type", "tokenizer_type",
        "tokenizer_use_fast", "tokenizer_legacy", "tokenizer_use_mistral_common", "processor_type",
        "is_falcon_derived_model", "is_llama_derived_model", "is_qwen_derived_model",
        "is_mistral_derived_model", "is_multimodal", "freeze_mm_modules", "image_size",
        "image_resize_algorithm", "type_of_model", "processor_kwargs",
        "tokenizer_save_jinja_files", "cls_model_config",
        "lora_fan_in_fan_out", "peft_layers_pattern", "resize_token_embeddings_to_32x",
        "shrink_embeddings",
      ],
      "lowrank never runs code of a model": ["trust_remote_code"],
      "it concerns evaluation alone": [
        "eval_batch_size", "eval_strategy", "evaluation_strategy",
        "eval_on_start", "do_causal_lm_eval", "eval_causal_lm_metrics", "do_bench_eval",
        "bench_*", "greater_is_better", "eval_sequence_len", "generate_samples", "generation_*",
        "num_generation_samples",
      ],
      "lowrank saves the state at the end and every save_every steps": [
        "save_strategy", "save_first_step",
        "save_only_model", "save_safetensors", "dynamic_checkpoint", "merge_lora", "merge_method",
      ],
      "it stops a run whose loss is too high; lowrank stops where the loss is not finite": [
        "loss_watchdog_threshold", "loss_watchdog_patience",
      ],
      "it concerns the use of the adapter after training": ["gradio_*", "vllm"],
      "it has no effect without loraplus_lr_ratio": ["loraplus_lr_embedding"],
      "lowrank trains and saves adapters in f32": [
        "fp32_norms", "fp32_norm_classes",
        "peft_autocast_adapter_dtype", "embeddings_skip_upcast",
      ],
      "rows of added tokens start at the mean of the others": ["mean_resizing_embeddings"],
      "it concerns pairs of answers, for training on preferences": [
        "max_prompt_len", "precompute_ref_log_probs",
      ],
      "lowrank keeps tied weights tied": ["peft_ensure_weight_tying"],
      "lowrank always refuses unknown keys": ["strict", "axolotl_config_path", "strategy"],
    ]
    return Dictionary(
      uniqueKeysWithValues: reasons.flatMap { why, names in names.map { ($0, .inert(why)) } })
  }()
}
