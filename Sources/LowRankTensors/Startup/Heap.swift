import CKernels

/// The memory of everything but tensors.
package enum Heap {
  /// Keeps the heap small, for the rest of the process; call it before threads are started.
  package static func settle() { lr_settle_heap() }

  /// Returns what lies idle to the system, as after reading files.
  package static func trim() { lr_trim_heap() }
}
