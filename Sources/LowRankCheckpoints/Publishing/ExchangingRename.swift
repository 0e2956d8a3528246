import Foundation

/// Exchanges what two paths name, in one step; tells whether it did, with the reason in `errno`.
///
/// This is Linux's `renameat2` with `RENAME_EXCHANGE`. The C library's header hides it from Swift, so
/// it is looked up by name; none where the C library does not have it.
let exchangingRename: (@Sendable (_ left: String, _ right: String) -> Bool)? = {
  typealias Renameat2 =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  let exchange: UInt32 = 1 << 1
  guard let symbol = dlsym(nil, "renameat2") else { return nil }
  let renameat2 = unsafeBitCast(symbol, to: Renameat2.self)
  return { renameat2(AT_FDCWD, $0, AT_FDCWD, $1, exchange) == 0 }
}()
