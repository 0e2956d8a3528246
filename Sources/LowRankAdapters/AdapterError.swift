import Foundation
import LowRankCheckpoints
import LowRankKeys

/// What is wrong with an adapter, or with the wish for one.
public enum AdapterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No module matches the target.
  case nothingMatches(target: String, names: [String])
  /// A name that should match a module matches none.
  case unmatched(key: String, name: String, names: [String])
  /// The model has no layer of this number.
  case noSuchLayer(Int, last: Int)
  /// The target matches modules, but something else takes all of them away.
  case nothingLeft(target: String, by: String)
  /// A module matches that the method has no update for.
  case cannotAdapt(method: String, path: String, kind: String)
  /// Slices of a fused map match that the method can adapt only as a whole.
  case cannotSlice(method: String, path: String)
  /// A number that makes no sense.
  case invalid(key: String, value: String, expected: String)
  /// A configuration key that changes the result and is not built.
  case unsupported(file: String, key: String, value: String)
  /// llama.cpp has no adapters for the architecture of a base.
  case notOfLlamaCpp(file: String, type: String, isCausal: Bool)
  /// A key of PEFT's configuration is known but not supported; the reason says what it does.
  case refusedKey(file: String, key: String, value: String, why: String)
  /// The adapter's tensors lack one.
  case missingTensor(file: String, name: String)
  /// A tensor has another shape than the configuration and the base ask for.
  case misshapenTensor(file: String, name: String, found: String, expected: String)
  /// A tensor is stored in a type that trained weights never have.
  case unsupportedType(file: String, name: String, type: String)
  /// Tensors that belong to no module of the adapter.
  case unexpectedTensors(file: String, names: [String])
  /// A tensor holds a number that is not finite.
  case notFinite(file: String, name: String)
  /// The folder holds no adapter.
  case notAnAdapter(folder: String, reason: String)
  /// The folder holds adapters of two formats.
  case ambiguous(folder: String, names: [String])
  /// A file of loralib, which does not say how its factors are scaled, where an adapter is expected.
  case needsConversion(file: String)
  /// An adapter of another format, or in a file of another kind, than PEFT's in safetensors.
  case notPEFT(path: String)
  /// A file does not say what a setting must say.
  case unsaid(file: String, key: String, why: String)
  /// A file says less than is needed to read it, and the base's configuration would say it.
  case needsModel(file: String, why: String)
  /// The adapter is for another task than the model it is put on.
  case otherTask(folder: String, task: String, model: String)
  /// The update of an adapter's type is not known without the base.
  case needsBase(folder: String, type: String, needsWeights: Bool)
  /// A file holds a method's own factors of other numbers than the LoRA beside it.
  case nativeDiffers(file: String, type: String, lora: String)
  /// The file of a method's own factors, which was written beside the LoRA, is not there.
  case nativeMissing(file: String, type: String)
  /// The format of another tool has no place for a part of the adapter.
  case cannotExpress(form: String, what: String)
  /// A merged model is not what the adapter on its base is.
  case mergedOtherwise(measure: String, value: Double, limit: Double)
  /// What was saved does not read back as it was.
  case savedOtherwise(file: String, name: String)

  /// One sentence that names the file, the key, what was expected and what to do.
  public var description: String {
    switch self {
    case .nothingMatches(let target, let names):
      "no module matches the target \(target); the model has \(names.joined(separator: ", "))"
        + suggestion(for: target.trimmingCharacters(in: ["\""]), among: names)
    case .unmatched(let key, let name, let names):
      "\(key): no module matches \"\(name)\"; the model has \(names.joined(separator: ", "))"
        + suggestion(for: name, among: names)
    case .noSuchLayer(let number, let last):
      "layers: the model has no layer \(number); its layers are 0 to \(last)"
    case .nothingLeft(let target, let reason):
      "the target \(target) matches modules, but \(reason) none of them; change one of the two"
    case .cannotAdapt(let method, let path, let kind):
      "\(path) matches the target, but \(method) cannot adapt \(kind); narrow the target or exclude it"
    case .cannotSlice(let method, let path):
      "\(path) is a fused map, and \(method) cannot adapt slices of it; to adapt the whole, name "
        + "\(path.split(separator: ".").last.map(String.init) ?? path)"
    case .invalid(let key, let value, let expected):
      "\(key) is \(value), expected \(expected)"
    case .unsupported(let file, let key, let value):
      "\(file): \"\(key)\" is \(value), which is not supported and would change the result"
    case .notOfLlamaCpp(let file, let type, let isCausal):
      """
      \(file): the base is of the architecture "\(type)", for which llama.cpp has no adapters: GGUF is possible for \
      \(LlamaCppArchitecture.modelTypes.joined(separator: ", ")); this adapter can be kept in PEFT's format\
      \(isCausal ? ", or in mlx-lm's with \(setting: "to") mlx" : "")
      """
    case .refusedKey(let file, let key, let value, let why):
      "\(file): \"\(key)\" is \(value), which is not supported: \(why)"
    case .unsupportedType(let file, let name, let type):
      "\(file): the tensor \(name) is stored as \(type), expected F32, BF16, F16 or F64; save it in one of them"
    case .missingTensor(let file, let name):
      "\(file): the tensor \(name) is missing"
    case .misshapenTensor(let file, let name, let found, let expected):
      "\(file): the tensor \(name) has shape \(found), expected \(expected)"
    case .unexpectedTensors(let file, let names):
      "\(file): \(names.count) tensor\(names.count == 1 ? " belongs" : "s belong") to no adapted module: "
        + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    case .notFinite(let file, let name):
      "\(file): the tensor \(name) holds a number that is not finite"
    case .notAnAdapter(let folder, let reason):
      "\(folder) is not the folder of an adapter: \(reason)"
    case .ambiguous(let folder, let names):
      "\(folder) holds both \(names.joined(separator: " and ")), of two formats; remove one, or name the one to read with \(setting: "from")"
    case .needsConversion(let file):
      "\(file) holds factors of loralib but not their alpha: convert it to PEFT's format first"
    case .notPEFT(let path):
      "\(path) is not in PEFT's format with safetensors; convert it first"
    case .unsaid(let file, let key, let why):
      "\(file): \(why); say it with \(setting: Setting(key))"
    case .needsModel(let file, let why):
      "\(file): \(why); give the folder of the base with \(setting: "model")"
    case .otherTask(let folder, let task, let model):
      "\(folder): the adapter's task is \(task), but the model is a \(model), which has other modules"
    case .needsBase(let folder, let type, let needsWeights):
      """
      \(folder): the update of an adapter of type \(type) depends on \(needsWeights ? "the weights" : "the extents of the maps") \
      of its base; give the folder of the base with \(setting: "model")
      """
    case .nativeDiffers(let file, let type, let lora):
      """
      \(file) holds the \(type) factors of another adapter than \(lora): one of the two files was changed. To train the LoRA \
      further, pass \(setting: "method") lora
      """
    case .nativeMissing(let file, let type):
      """
      \(file) is missing: it holds the \(type) factors that the adapter was trained with. Restore the file; to train the LoRA \
      further that equals them, pass \(setting: "method") lora
      """
    case .cannotExpress(let form, let what):
      "\(form) cannot hold \(what)"
    case .mergedOtherwise(let measure, let value, let limit):
      """
      the merged model differs from base and adapter: \(measure) is \(Self.text(value)), above \(Self.text(limit)), so \
      nothing was written; store it in a type that rounds less, or accept more with \(setting: "max_kl") \
      and \(setting: "max_logit_difference")
      """
    case .savedOtherwise(let file, let name):
      "\(file): the tensor \(name) differs from what was written when it is read back"
    }
  }

  private static func text(_ number: Double) -> String { String(format: "%.3g", number) }
}
