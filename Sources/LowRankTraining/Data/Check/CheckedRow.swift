import LowRankCheckpoints

/// What was found of one row of a data file.
struct CheckedRow {
  /// The line, or the place in an array, counted from 1.
  let number: Int
  /// The same for rows that say the same; nil where the row cannot be read.
  var key: MurmurHash3?
  /// The tokens, those included that are cut off.
  var length = 0
  /// The tokens that are kept.
  var tokens = 0
  /// Those of them that are trained.
  var trained = 0
  /// Those of them that stand for something that the vocabulary lacks.
  var unknown = 0
  /// Whether nothing is written there.
  var isEmpty = false
  /// Whether tokens are cut off.
  var isTruncated = false
  /// Whether the row excludes all of its turns from training.
  var isMarked = false
  /// The number of turns that the row excludes from training.
  var markedTurns = 0
  /// Whether answers in it are not trained because the template changes them.
  var isPartial = false
  /// Whether what is trained last is no token that ends a text or a turn.
  var isUnended = false
  /// The numbers of the labels that the row has.
  var labels: [Int] = []
  /// Why the row would stop a run.
  var refusal: DataError?

  init(number: Int) { self.number = number }
}
