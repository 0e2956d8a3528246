// The online softmax between the forward's two products.

// Turns the scores of a row into weights in whole steps, in place or to `line`, and returns sums of
// them.
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

// One step of the online softmax over rows of `n` scores: turns them into weights relative to the
// row's running maximum (operand A by rows, `words`, which for floats is `scores` itself), updates
// maximum and sum, and leaves in `keep` what earlier sums must be multiplied by. `factors` are
// dropout's, or null.
static void LR(softmax)(float *scores, int64_t width, uint32_t *words, int64_t rows, int64_t n,
                        lr_band band, float scale, float *maximum, float *sum, float *keep,
                        float *factors) {
  float scale2 = scale * LR_LOG2_E, offset[LANES];
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
        if (steps[r].begin != shown.begin || steps[r].end != shown.end) {
          LR(hide)(row, shown, steps[r].begin, steps[r].end);
          // A hidden weight is zero, and so must be what multiplies it: anything else may be NaN.
          if (factors)
            LR(put_around)(factors + (first + r) * width, shown, steps[r].begin, steps[r].end, 0);
        }
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
