import LowRankCheckpoints

/// The defaults that PEFT applies when it loads an adapter.
enum PEFTDefaults {
  /// The heads that the model classes of PEFT add to `modules_to_save`.
  static func heads(of task: String?) -> [String] {
    switch task {
    case "SEQ_CLS", "TOKEN_CLS": ["classifier", "score"]
    case "QUESTION_ANS": ["qa_outputs"]
    default: []
    }
  }

  /// The target modules for a model type, for configurations that name none.
  ///
  /// - Throws: `JSONError` if PEFT has no default either.
  static func targets(of modelType: String, _ config: some JSONFields) throws(JSONError)
    -> [String]
  {
    guard let names = targets[modelType] else {
      throw config.error(
        "target_modules",
        "is missing, and PEFT knows no default for the model type \"\(modelType)\"; name the modules"
      )
    }
    return names
  }

  private static let targets: [String: [String]] = [
    "gpt2": ["c_attn"],
    "llama": ["q_proj", "v_proj"],
    "mistral": ["q_proj", "v_proj"],
    "qwen2": ["q_proj", "v_proj"],
    "qwen3": ["q_proj", "v_proj"],
    "gemma": ["q_proj", "v_proj"],
    "gemma2": ["q_proj", "v_proj"],
    "gemma3_text": ["q_proj", "v_proj"],
    "phi": ["q_proj", "v_proj", "fc1", "fc2"],
    "stablelm": ["q_proj", "v_proj"],
    "bert": ["query", "value"],
    "roberta": ["query", "value"],
    "xlm-roberta": ["query", "value"],
    "electra": ["query", "value"],
    "deberta-v2": ["query_proj", "value_proj"],
    "deberta": ["in_proj"],
    "vit": ["query", "value"],
  ]
}
