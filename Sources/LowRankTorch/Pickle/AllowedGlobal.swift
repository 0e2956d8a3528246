/// The names that a pickle may use.
///
/// Each stands for what it makes of a tensor; nothing is looked up or called.
enum AllowedGlobal: BitwiseCopyable {
  /// `collections.OrderedDict`.
  case orderedDictionary
  /// `set`.
  case set
  /// `torch.Size`, `torch.device` and `torch.serialization._get_layout`, which no tensor needs.
  case description
  /// `torch.Tensor`, `torch.nn.parameter.Parameter`: classes that a tensor may have.
  case tensorClass
  /// `torch._utils._rebuild_tensor`.
  case rebuildTensor
  /// `torch._utils._rebuild_tensor_v2`.
  case rebuildTensor2
  /// `torch._utils._rebuild_parameter`.
  case rebuildParameter
  /// `torch._utils._rebuild_parameter_with_state`.
  case rebuildParameterWithState
  /// `torch._tensor._rebuild_from_type_v2`.
  case rebuildFromType
  /// `torch.FloatStorage` and its like.
  case storage(TorchType)
  /// `torch.storage.UntypedStorage`.
  case untypedStorage
  /// `torch.storage.TypedStorage`: the class alone, without a type.
  case typedStorage
  /// `torch.float32` and its like.
  case type(TorchType)

  /// The global of a module and a name; none where it is not allowed.
  init?(module: Slice<UnsafeRawBufferPointer>, name: Slice<UnsafeRawBufferPointer>) {
    for (allowedModule, allowedName, global) in Self.table
    where module.equals(allowedModule) && name.equals(allowedName) {
      self = global
      return
    }
    guard module.equals("torch") || module.equals("torch.cuda") else { return nil }
    for type in TorchType.allCases where name.equals(type.storageName) {
      self = .storage(type)
      return
    }
    guard module.equals("torch") else { return nil }
    for type in TorchType.allCases where name.equals(type.dtypeName) {
      self = .type(type)
      return
    }
    return nil
  }

  private static let table: [(StaticString, StaticString, AllowedGlobal)] = [
    ("torch._utils", "_rebuild_tensor_v2", .rebuildTensor2),
    ("collections", "OrderedDict", .orderedDictionary),
    ("torch._utils", "_rebuild_parameter", .rebuildParameter),
    ("torch._utils", "_rebuild_parameter_with_state", .rebuildParameterWithState),
    ("torch._utils", "_rebuild_tensor", .rebuildTensor),
    ("torch._tensor", "_rebuild_from_type_v2", .rebuildFromType),
    ("torch.nn.parameter", "Parameter", .tensorClass),
    ("torch", "Tensor", .tensorClass),
    ("torch", "Size", .description),
    ("torch", "device", .description),
    ("torch.serialization", "_get_layout", .description),
    ("torch.storage", "UntypedStorage", .untypedStorage),
    ("torch", "UntypedStorage", .untypedStorage),
    ("torch.storage", "TypedStorage", .typedStorage),
    ("torch", "TypedStorage", .typedStorage),
    ("builtins", "set", .set),
    // Python 2's name.
    ("__builtin__", "set", .set),
  ]
}

extension Slice<UnsafeRawBufferPointer> {
  /// Whether the bytes are those of a text.
  func equals(_ text: StaticString) -> Bool {
    text.utf8CodeUnitCount == count && text.withUTF8Buffer { elementsEqual($0) }
  }
}
