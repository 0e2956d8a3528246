/// What is wrong with a file, before anybody says which file it is.
enum TorchFault: Error {
  /// The file is broken: torch cannot read it either.
  case damaged(String)
  /// The file may be whole, but holds what is not read here; torch may convert it.
  case refused(String)
}
