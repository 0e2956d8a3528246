import Foundation
import LowRankTensors
import LowRankCheckpoints
import LowRankTransformers

extension AdapterFolder {
  /// What the adapter was trained for, as the trainer wrote it down; nil where another tool made it.
  public var task: JSONObject? { facts?.task }

  /// What an adapter of any format was trained for, without reading its numbers.
  ///
  /// - Throws: what opening the adapter throws.
  public static func task(at url: URL) throws -> JSONObject? {
    guard try !isPEFT(url) else { return try AdapterFolder(at: url).task }
    return try StoredAdapter(describing: url).facts?.task
  }

  /// What stands on the backbone of the model that the adapter belongs to; nil where it does not say.
  ///
  /// For a classifier that another tool trained, the classes are as many as the saved head has outputs.
  /// - Throws: `JSONError` where the configuration is broken, `AdapterError` where a classifier has no head.
  public var head: ModelHead? {
    get throws {
      switch try config.optionalString("task_type") {
      case "CAUSAL_LM": return .causal
      case "SEQ_CLS": return .classifier(try classification)
      default: return try isOfImages ? .classifier(classification) : nil
      }
    }
  }

  /// Whether a model that classifies images was adapted, and its head trained: PEFT has no name for the task.
  private var isOfImages: Bool {
    guard imageClassName != nil else { return false }
    return (["classifier"] + ModelHead.teacherModules).contains { weight(of: $0) != nil }
  }

  /// The class of images that was adapted: a folder of DeiT's class with a teacher is read as the plain one as well.
  private var imageClassName: String? {
    if ModelHead.teacherModules.contains(where: { weight(of: $0) != nil }) {
      return ModelHead.teacherClassName
    }
    let mapping = config["auto_mapping"]?.object?["base_model_class"]?.string
    return mapping.flatMap { ModelHead.isClassifierOfImages($0) ? $0 : nil }
  }

  private var classification: Classification {
    get throws {
      var classification = try namedClassification
      classification.className = imageClassName
      return classification
    }
  }

  private var namedClassification: Classification {
    get throws {
      if let task, task["id2label"]?.object != nil {
        return try Classification(JSONSection(task, of: file.url.relativePath))
      }
      for name in ["classifier.out_proj", "classifier", "score"] + ModelHead.teacherModules {
        guard let weight = weight(of: name), let count = weight.shape.extents.first, count > 0
        else { continue }
        return Classification(count: count, problem: count == 1 ? .regression : .singleLabel)
      }
      throw AdapterError.missingTensor(
        file: file.url.relativePath, name: Self.prefix + "classifier.weight")
    }
  }

  private func weight(of module: String) -> StoredTensor? {
    file[TensorName(Self.prefix + module + ".weight")]
  }
}
