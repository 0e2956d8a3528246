extension ModelCard {
  /// How an adapter is used: what stands on its base, and what its tokenizer is.
  public struct Use: Hashable, Sendable {
    /// What the model does.
    public enum Kind: Hashable, Sendable {
      /// It continues texts.
      case causal
      /// It continues conversations, written with the chat template beside the adapter.
      case chat
      /// It says what a text is.
      case classifier(Classes)
      /// It has no head that is known.
      case other
    }

    /// What a classifier decides between.
    public struct Classes: Hashable, Sendable {
      /// The class's names, or as many numbers as the head has.
      public var labels: [String]
      /// transformers' `problem_type`.
      public var problem: String
      /// Whether the names are more than transformers' own `LABEL_0`, `LABEL_1`, ….
      public var areNamed: Bool
      /// The number of texts that are judged together: 1, or 2 of a pair.
      public var textCount = 1
      /// The most tokens that it was trained on; nil if that is not known.
      public var maxLength: Int?
      /// Whether they are classes of images.
      public var areOfImages = false
      /// The class of transformers, where the base names another one of images; nil to leave that to it.
      public var modelClass: String?

      /// Classes of a `problem_type`.
      public init(_ labels: [String], problem: String, areNamed: Bool) {
        (self.labels, self.problem, self.areNamed) = (labels, problem, areNamed)
      }
    }

    /// What the model does.
    public var kind: Kind
    /// Whether the adapter brings a tokenizer with it, instead of the base's.
    public var hasTokenizer = false
    /// The rows of embeddings that the adapter brings whole; nil if it brings none.
    public var vocabularySize: Int?
    /// Whether the base is given token types; nil to leave that to the tokenizer.
    ///
    /// They mean something only for pairs, and only to encoders that have them, but some tokenizers give them to every model,
    /// and some to none.
    public var tokenTypes: Bool? = false
    /// How many tokens are generated; few enough for the positions of the base.
    public var newTokens = 50

    /// A use.
    public init(_ kind: Kind) { self.kind = kind }
  }

  /// The part of a card that people copy.
  var useSection: String {
    """
    ## Use

    ```python
    \(python.joined(separator: "\n"))
    ```

    ```sh
    \(command)
    ```
    """
  }

  /// The base's name; of a folder that nobody else has, where to put one's own.
  private var baseName: String { base.id ?? "path/to/the/base" }

  private var command: String {
    let (verb, more) =
      switch use.kind {
      case .causal: ("generate", "--prompt 'Hello'")
      case .chat: ("generate", "--chat --prompt 'Hello'")
      case .classifier(let classes) where classes.areOfImages: ("predict", "--data image.png")
      case .classifier(let classes):
        ("predict", classes.textCount == 2 ? "--text 'Hello' 'Good morning'" : "--text 'Hello'")
      case .other: ("embed", "--text 'Hello'")
      }
    let model = baseName + (base.file.map { "/\($0)" } ?? "")
    return "lowrank \(verb) --model \(model) --adapter \(name) \(more)"
  }

  /// A program for transformers and PEFT that runs as it stands.
  private var python: [String] {
    let auto =
      switch use.kind {
      case .causal, .chat: "AutoModelForCausalLM"
      case .classifier(let classes) where classes.areOfImages:
        classes.modelClass ?? "AutoModelForImageClassification"
      case .classifier: "AutoModelForSequenceClassification"
      case .other: "AutoModel"
      }
    var lines = ["import torch", "from peft import PeftModel"]
    if readsImages { lines.append("from PIL import Image") }
    lines.append(
      "from transformers import "
        + (readsImages ? "AutoImageProcessor, \(auto)" : "\(auto), AutoTokenizer"))
    if use.kind == .chat { lines.append("from transformers.utils import cached_file") }
    lines += [
      "",
      readsImages
        ? "processor = AutoImageProcessor.from_pretrained(\(basePlace))"
        : "tokenizer = AutoTokenizer.from_pretrained(\(tokenizerPlace))",
    ]
    if use.kind == .chat {
      lines.append("template = cached_file(\(adapterPlace(naming: "\"chat_template.jinja\"")))")
      lines.append("tokenizer.chat_template = open(template, encoding=\"utf-8\").read()")
    }
    lines += labels + ["base = \(auto).from_pretrained(\(basePlace)\(head))"]
    if let size = use.vocabularySize {
      lines.append("base.resize_token_embeddings(\(size))")
    } else if use.hasTokenizer {
      lines.append("if len(tokenizer) > base.get_input_embeddings().num_embeddings:")
      lines.append("    base.resize_token_embeddings(len(tokenizer))")
    }
    lines.append("model = PeftModel.from_pretrained(base, \(adapterPlace())).eval()")
    return lines + [""] + inputs + outputs
  }

  /// Whether the model classifies images.
  var readsImages: Bool {
    if case .classifier(let classes) = use.kind { classes.areOfImages } else { false }
  }

  private var basePlace: String {
    literal(baseName) + (base.revision.map { ", revision=\(literal($0))" } ?? "")
      + (base.file.map { ", gguf_file=\(literal($0))" } ?? "")
  }

  private var tokenizerPlace: String { use.hasTokenizer ? adapterPlace() : basePlace }

  /// The adapter, or a file of it, by its name and branch.
  private func adapterPlace(naming file: String? = nil) -> String {
    let isMain = name.revision == HubName.defaultRevision
    let revision = isMain ? nil : "revision=\(literal(name.revision))"
    return [literal(name.id), file, revision].compactMap { $0 }.joined(separator: ", ")
  }

  /// The names of classes, as a list of their own.
  private var labels: [String] {
    guard case .classifier(let classes) = use.kind, classes.areNamed else { return [] }
    var lines = [""]
    for (index, label) in classes.labels.enumerated() {
      let item = literal(label) + (index < classes.labels.count - 1 ? "," : "")
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = item
      } else if line.count + item.count < 88 {
        lines[lines.count - 1] += " " + item
      } else {
        lines.append(item)
      }
    }
    guard lines.count > 1 else { return ["labels = [\(lines[0])]"] }
    return ["labels = ["] + lines.map { "    " + $0 } + ["]"]
  }

  /// The arguments of a classifier's head.
  ///
  /// The adapter brings a head, so that of the base may be for other classes.
  private var head: String {
    guard case .classifier(let classes) = use.kind else { return "" }
    var arguments = ["num_labels=\(classes.labels.count)"]
    arguments.append("problem_type=\(literal(classes.problem))")
    if classes.areNamed {
      arguments.append("id2label=dict(enumerate(labels))")
      arguments.append("label2id={label: index for index, label in enumerate(labels)}")
    }
    arguments.append("ignore_mismatched_sizes=True")
    return ",\n    " + arguments.joined(separator: ",\n    ")
  }

  private var inputs: [String] {
    let types = use.tokenTypes.map { ", return_token_type_ids=\($0 ? "True" : "False")" } ?? ""
    switch use.kind {
    case .causal:
      return ["inputs = tokenizer(\"Hello\", return_tensors=\"pt\"\(types))"]
    case .chat:
      return [
        "messages = [{\"role\": \"user\", \"content\": \"Hello\"}]",
        "text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)",
        "inputs = tokenizer(text, add_special_tokens=False, return_tensors=\"pt\"\(types))",
      ]
    case .classifier(let classes) where classes.areOfImages:
      return [
        "image = Image.open(\"image.png\").convert(\"RGB\")",
        "inputs = processor(image, return_tensors=\"pt\")",
      ]
    case .classifier(let classes):
      let texts = classes.textCount == 2 ? "\"Hello\", \"Good morning\"" : "\"Hello\""
      let length = classes.maxLength.map { ", truncation=True, max_length=\($0)" } ?? ""
      return ["inputs = tokenizer(\(texts), return_tensors=\"pt\"\(length)\(types))"]
    case .other:
      return ["inputs = tokenizer(\"Hello\", return_tensors=\"pt\"\(types))"]
    }
  }

  private var outputs: [String] {
    switch use.kind {
    case .causal, .chat:
      return [
        "tokens = model.generate(**inputs, max_new_tokens=\(use.newTokens))",
        "print(tokenizer.decode(tokens[0], skip_special_tokens=True))",
      ]
    case .other:
      return [
        "with torch.no_grad():", "    print(model(**inputs).last_hidden_state.mean(1))",
      ]
    case .classifier(let classes):
      let scores = ["with torch.no_grad():", "    logits = model(**inputs).logits[0]"]
      switch classes.problem {
      case "regression": return scores + ["print(logits.tolist())"]
      case "multi_label_classification":
        return scores + [
          "chosen = [index for index, share in enumerate(logits.sigmoid()) if share >= 0.5]",
          "print([model.config.id2label[index] for index in chosen])",
        ]
      default: return scores + ["print(model.config.id2label[logits.argmax().item()])"]
      }
    }
  }
}

/// A text as a string of Python.
private func literal(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\" + String(scalar)
    case "\n": result += "\\n"
    case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{202A}"..."\u{202E}",
      "\u{2066}"..."\u{2069}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
