/// How MoRA brings inputs to the width of its matrix, and the matrix's outputs to those of the map.
public enum MoRAFolding: Int, Hashable, Sendable {
  /// Pieces of x are added up, and the output is repeated: the authors' type 1.
  case sharing = 1
  /// Every piece of x is rotated by its place and multiplied by the matrix: the authors' type 6.
  case rotating = 6
}
