import Foundation

/// A shared library that is loaded when it is needed and stays.
struct DynamicLibrary {
  private let name: String
  private let handle: UnsafeMutableRawPointer

  /// Loads it.
  init(_ name: String) throws(DrawingError) {
    guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
      throw .libraryMissing(name)
    }
    (self.name, self.handle) = (name, handle)
  }

  /// A function of it.
  ///
  /// - Parameter type: a C function type, which has to be the one that the library's header declares.
  func function<Function>(_ symbol: String, as type: Function.Type) throws(DrawingError) -> Function
  {
    guard let address = dlsym(handle, symbol) else {
      throw .functionMissing(symbol, library: name)
    }
    return unsafeBitCast(address, to: type)
  }
}
