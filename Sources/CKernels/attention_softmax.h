// The steps between the products: masking a row of scores, and the online softmax.

#define STEP (LANES * PER_WORD)

// Hides the lanes around begin ..< end in the vectors from `first` to `last`, multiples of STEP.
INLINE void LR(hide)(float *row, lr_range shown, int64_t first, int64_t last) {
  IVEC lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  for (int64_t i = first; i < shown.begin; i += LANES) {
    IVEC at = lane + (int32_t)i;
    LR(store)(row + i, at < (int32_t)shown.begin ? (VEC)LR_HIDDEN : LR(load)(row + i));
  }
  for (int64_t i = shown.end / LANES * LANES; i < last; i += LANES) {
    IVEC at = lane + (int32_t)i;
    LR(store)(row + i, at >= (int32_t)shown.end ? (VEC)LR_HIDDEN : LR(load)(row + i));
  }
}

// The columns of a row that stand in whole steps around what it shows.
INLINE lr_range LR(steps)(lr_range shown) {
  return (lr_range){shown.begin / STEP * STEP, lr_round_up(shown.end, STEP)};
}

INLINE float LR(largest_lane)(VEC v) {
  float part[LANES];
  LR(store)(part, v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++)
      part[i] = part[i] < part[i + width] ? part[i + width] : part[i];
  return part[0];
}

// One step of the online softmax over rows of `n` scores: turns them into weights relative to the row's
// running maximum (operand A by rows, `words`, which for floats is `scores` itself), updates maximum and
// sum, and leaves in `keep` what earlier sums must be multiplied by. `factors` are dropout's, or null.
static __attribute__((unused)) void LR(softmax)(float *scores, int64_t width, uint32_t *words, int64_t rows, int64_t n,
                        lr_band band, float scale, float *maximum, float *sum, float *keep,
                        const float *factors) {
  float scale2 = scale * 1.442695041f;
  lr_range used = LR(steps)(lr_band_columns(band, 0, rows, n));
  for (int64_t r = 0; r < rows; r++) {
    float *row = scores + r * width;
    uint32_t *line = words + r * width / PER_WORD;
    lr_range shown = lr_band_columns(band, r, r + 1, n);
    lr_range steps = LR(steps)(shown);
    if (shown.end == shown.begin) steps.begin = steps.end = used.begin;
    __builtin_memset(line + used.begin / PER_WORD, 0,
                     (size_t)(steps.begin - used.begin) / PER_WORD * 4);
    __builtin_memset(line + steps.end / PER_WORD, 0, (size_t)(used.end - steps.end) / PER_WORD * 4);
    keep[r] = 1;
    if (steps.end == steps.begin) continue;
    if (steps.begin != shown.begin || steps.end != shown.end)
      LR(hide)(row, shown, steps.begin, steps.end);

    VEC top = (VEC)LR_HIDDEN;
    for (int64_t i = steps.begin; i < steps.end; i += LANES) {
      VEC x = LR(load)(row + i);
      top = top < x ? x : top;
    }
    float largest = LR(largest_lane)(top);
    if (largest > maximum[r]) {
      keep[r] = lr_exp((maximum[r] - largest) * scale);
      maximum[r] = largest;
    }
    VEC offset = (VEC)(maximum[r] * scale2), total = (VEC)0.0f;
    const float *factor = factors ? factors + r * width : 0;
    for (int64_t i = steps.begin; i < steps.end; i += STEP) {
      VEC weights[PER_WORD];
      for (int part = 0; part < PER_WORD; part++) {
        weights[part] = LR(exp2)(LR(load)(row + i + part * LANES) * scale2 - offset);
        total += weights[part];
        if (factor) weights[part] *= LR(load)(factor + i + part * LANES);
      }
#if LR_PAIRS
      LR(store_pair)(line + i / 2, weights[0], weights[1]);
#else
      LR(store)(line + i, weights[0]);
#endif
    }
    sum[r] = sum[r] * keep[r] + LR(sum_lanes)(total);
  }
}
