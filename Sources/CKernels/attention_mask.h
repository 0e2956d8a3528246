// Masking a row of scores.

#define STEP (LANES * PER_WORD)

// Puts a value into the lanes around begin ..< end in the vectors from `first` to `last`, multiples
// of STEP.
INLINE void LR(put_around)(float *row, lr_range shown, int64_t first, int64_t last, float value) {
  IVEC lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  for (int64_t i = first; i < shown.begin; i += LANES) {
    IVEC at = lane + (int32_t)i;
    LR(store)(row + i, at < (int32_t)shown.begin ? (VEC)value : LR(load)(row + i));
  }
  for (int64_t i = shown.end / LANES * LANES; i < last; i += LANES) {
    IVEC at = lane + (int32_t)i;
    LR(store)(row + i, at >= (int32_t)shown.end ? (VEC)value : LR(load)(row + i));
  }
}

// Hides scores around what is shown.
INLINE void LR(hide)(float *row, lr_range shown, int64_t first, int64_t last) {
  LR(put_around)(row, shown, first, last, LR_HIDDEN);
}

// The columns of a row that stand in whole steps around what it shows.
INLINE lr_range LR(steps)(lr_range shown) {
  return (lr_range){shown.begin / STEP * STEP, lr_round_up(shown.end, STEP)};
}
