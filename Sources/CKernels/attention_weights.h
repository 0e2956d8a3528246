// Between the backward's products: P and dS of one tile.

// The operands and sums of one unit, packed as attention_tile.h wants them.
typedef struct {
  int64_t words, width;
  uint32_t *key_columns, *value_columns, *key_lines;        // of the tile of keys
  uint32_t *queries, *query_lines, *d_outs, *d_out_lines;   // of the panel of queries
  float *scores, *d_weights;                                // S and dO V^T, one tile
  int keeps_d_scores;                                       // dS in f32 over dO V^T
  uint32_t *weight_lines, *d_score_lines, *d_scores;        // P and dS by query pairs, dS by rows
  float *d_keys, *d_values, *ones, *factors;
  uint32_t *square;
  float *products;   // D, [heads of the group, queries]
  float *d_queries;  // dQ before scaling, [heads of the group, d_query_rows, width]
  int64_t d_query_rows;
  lr_ahead *ahead;
} LR(backward_memory);

// One word of queries (a row, or two of a pair) of P and dS in whole steps. The inner loops' counts
// are constants; `factors` are dropout's or null: P then stands multiplied by them, as dV wants it.
INLINE void LR(backward_lines)(float *scores, float *d_weights, const float *factors,
                               uint32_t *weight_line, uint32_t *d_score_line, uint32_t *d_scores,
                               lr_range steps, float scale2, const float *offset,
                               const float *dots, int keeps) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  for (int64_t i = steps.begin; i < steps.end; i += STEP) {
    VEC p[PER_WORD][PER_WORD], d[PER_WORD][PER_WORD];
#pragma clang loop unroll(full)
    for (int one = 0; one < PER_WORD; one++)
#pragma clang loop unroll(full)
      for (int part = 0; part < PER_WORD; part++) {
        int64_t x = one * WIDTH + i + part * LANES;
        VEC weight = LR(exp2)(LR(load)(scores + x) * scale2 - offset[one]);
        VEC d_weight = LR(load)(d_weights + x);
        VEC factor = factors ? LR(load)(factors + x) : (VEC)1.0f;
        d[one][part] = weight * ((factors ? d_weight * factor : d_weight) - dots[one]);
        p[one][part] = factors ? weight * factor : weight;
        if (keeps) LR(store)(d_weights + x, d[one][part]);
      }
#if LR_PAIRS
#pragma clang loop unroll(full)
    for (int part = 0; part < 2; part++) {
      LR(store_zipped)(weight_line + i + part * LANES, p[0][part], p[1][part]);
      LR(store_zipped)(d_score_line + i + part * LANES, d[0][part], d[1][part]);
      LR(store_pair)(d_scores + part * WIDTH / 2 + i / 2, d[part][0], d[part][1]);
    }
#else
    LR(store)(weight_line + i, p[0][0]);
    LR(store)(d_score_line + i, d[0][0]);
    (void)d_scores;
#endif
  }
}

// P and dS of one tile from S and dO V^T. `dots` is D.
static void LR(backward_weights)(const LR(backward_memory) *at, int64_t rows, int64_t n,
                                 lr_band band, float scale, const float *log_sum_exp,
                                 const float *dots) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  float scale2 = scale * LR_LOG2_E, offset[LR_PANEL + 1], dot[LR_PANEL + 1];
  for (int64_t r = 0; r < rows; r++) {
    offset[r] = log_sum_exp[r] * LR_LOG2_E;
    dot[r] = dots[r];
  }
  offset[rows] = dot[rows] = 0;
  // What no row shows is zero as far as a block of six keys may read beside what some row shows.
  lr_range any = lr_band_columns(band, 0, rows, n);
  lr_range used = LR(steps)((lr_range){any.begin / 6 * 6, lr_min(lr_round_up(any.end, 6), WIDTH)});
  for (int64_t r = 0; r < rows; r += PER_WORD) {
    // Queries of one word go together; where they differ in what they show, the mask says so.
    lr_range steps = LR(steps)(lr_band_columns(band, r, lr_min(r + PER_WORD, rows), n));
    if (steps.end == steps.begin) steps.begin = steps.end = used.begin;
    uint32_t *weight_line = at->weight_lines + r / PER_WORD * WIDTH;
    uint32_t *d_score_line = at->d_score_lines + r / PER_WORD * WIDTH;
    uint32_t *d_scores = at->d_scores + r * WIDTH / PER_WORD;
    for (int64_t one = r; one < r + PER_WORD; one++) {
      lr_range shown = {steps.begin, steps.begin};
      if (one < rows) shown = lr_band_columns(band, one, one + 1, n);
      if (shown.begin == steps.begin && shown.end == steps.end) continue;
      LR(hide)(at->scores + one * WIDTH, shown, steps.begin, steps.end);
      // A hidden weight is zero, and so must be what multiplies it: anything else may be NaN.
      LR(put_around)(at->d_weights + one * WIDTH, shown, steps.begin, steps.end, 0);
      if (at->factors)
        LR(put_around)(at->factors + one * WIDTH, shown, steps.begin, steps.end, 0);
    }
    for (int64_t i = used.begin; i < used.end; i += LANES) {
      if (i == steps.begin) i = steps.end;
      if (i >= used.end) break;
      LR(store)(weight_line + i, (VEC)0.0f);
      LR(store)(d_score_line + i, (VEC)0.0f);
#if LR_PAIRS
      int64_t row = i % STEP ? WIDTH / 2 : 0;  // the two vectors of a step clear one row each
      LR(store)(d_scores + row + i / STEP * LANES, (VEC)0.0f);
#endif
    }
    if (at->factors)
      LR(backward_lines)(at->scores + r * WIDTH, at->d_weights + r * WIDTH, at->factors + r * WIDTH,
          weight_line, d_score_line, d_scores, steps, scale2, offset + r, dot + r,
          at->keeps_d_scores);
    else
      LR(backward_lines)(at->scores + r * WIDTH, at->d_weights + r * WIDTH, 0, weight_line,
          d_score_line, d_scores, steps, scale2, offset + r, dot + r, at->keeps_d_scores);
  }
}
