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

// The largest number of each of LANES vectors, and their sums: across rows is cheaper than along them.
INLINE VEC LR(largest_of_each)(VEC rows[LANES]) {
  LR(transpose)(rows);
#pragma clang loop unroll(full)
  for (int width = LANES / 2; width > 0; width /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < width; i++) rows[i] = rows[i] < rows[i + width] ? rows[i + width] : rows[i];
  return rows[0];
}

INLINE VEC LR(sum_of_each)(VEC rows[LANES]) {
  LR(transpose)(rows);
#pragma clang loop unroll(full)
  for (int width = LANES / 2; width > 0; width /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < width; i++) rows[i] += rows[i + width];
  return rows[0];
}

// Turns the scores of a row into weights in whole steps, in place or to `line`, and returns sums of them.
INLINE VEC LR(weigh)(const float *row, uint32_t *line, lr_range steps, float scale2, float offset,
                     const float *factor) {
  VEC total = (VEC)0.0f;
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
  return total;
}

// One step of the online softmax over rows of `n` scores: turns them into weights relative to the row's
// running maximum (operand A by rows, `words`, which for floats is `scores` itself), updates maximum and
// sum, and leaves in `keep` what earlier sums must be multiplied by. `factors` are dropout's, or null.
static __attribute__((unused)) void LR(softmax)(float *scores, int64_t width, uint32_t *words,
                                                int64_t rows, int64_t n, lr_band band, float scale,
                                                float *maximum, float *sum, float *keep,
                                                const float *factors) {
  float scale2 = scale * 1.442695041f, offset[LANES];
  lr_range used = LR(steps)(lr_band_columns(band, 0, rows, n));
  for (int64_t first = 0; first < rows; first += LANES) {
    int64_t here = lr_min(LANES, rows - first);
    lr_range steps[LANES];
    VEC of_row[LANES];
    for (int64_t r = 0; r < LANES; r++) {
      VEC top = (VEC)LR_HIDDEN;
      if (r < here) {
        float *row = scores + (first + r) * width;
        lr_range shown = lr_band_columns(band, first + r, first + r + 1, n);
        steps[r] = LR(steps)(shown);
        if (shown.end == shown.begin) steps[r].begin = steps[r].end = used.begin;
        if (steps[r].begin != shown.begin || steps[r].end != shown.end)
          LR(hide)(row, shown, steps[r].begin, steps[r].end);
        for (int64_t i = steps[r].begin; i < steps[r].end; i += LANES) {
          VEC x = LR(load)(row + i);
          top = top < x ? x : top;
        }
      }
      of_row[r] = top;
    }
    VEC before = LR(load)(maximum + first), after = LR(largest_of_each)(of_row);
    after = before < after ? after : before;
    VEC factor = LR(exp2)((before - after) * scale2);
    LR(store)(maximum + first, after);
    LR(store)(keep + first, factor);
    LR(store)(offset, after * scale2);
    for (int64_t r = 0; r < LANES; r++) {
      of_row[r] = (VEC)0.0f;
      if (r >= here) continue;
      int64_t at = (first + r) * width;
      uint32_t *line = words + at / PER_WORD;
      for (int64_t i = used.begin; i < steps[r].begin; i += STEP)
        LR(store)(line + i / PER_WORD, (VEC)0.0f);
      for (int64_t i = steps[r].end; i < used.end; i += STEP)
        LR(store)(line + i / PER_WORD, (VEC)0.0f);
      of_row[r] = factors ? LR(weigh)(scores + at, line, steps[r], scale2, offset[r], factors + at)
                          : LR(weigh)(scores + at, line, steps[r], scale2, offset[r], 0);
    }
    LR(store)(sum + first, LR(load)(sum + first) * factor + LR(sum_of_each)(of_row));
  }
}
