// The backward pass of one unit, for the instruction set that the includer names.
//   D = rowsum(dO . O)   P = exp(scale S - log sum exp)   dS = P . (dO V^T - D)
//   dV = P^T dO          dK = scale dS^T Q                dQ = scale dS K

typedef struct {
  int64_t words, width;
  uint32_t *key_columns, *value_columns, *key_lines;        // of the tile of keys
  uint32_t *queries, *query_lines, *d_outs, *d_out_lines;   // of the panel of queries
  float *scores, *d_weights;                                // S and dO V^T, one tile
  uint32_t *weight_lines, *d_score_lines, *d_scores;        // P and dS by query pairs, dS by rows
  float *d_keys, *d_values, *ones, *factors;
  uint32_t *square;
  float *products;   // D, [heads of the group, queries]
  float *d_queries;  // dQ before scaling, [heads of the group, d_query_rows, width]
  int64_t d_query_rows;
  lr_ahead *ahead;
} LR(backward_memory);

// One word of queries (a row, or two of a pair) of P and dS in whole steps. The inner loops' counts are
// constants; `factors` are dropout's or null: P then stands multiplied by them, as dV wants it.
INLINE void LR(backward_lines)(float *scores, float *d_weights, const float *factors,
                               uint32_t *weight_line, uint32_t *d_score_line, uint32_t *d_scores,
                               lr_range steps, float scale2, const float *offset,
                               const float *dots) {
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
static void LR(backward_weights)(const LR(backward_memory) * at, int64_t rows, int64_t n,
                                 lr_band band, float scale, const float *log_sum_exp,
                                 const float *dots) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  float scale2 = scale * 1.442695041f, offset[LR_PANEL + 1], dot[LR_PANEL + 1];
  for (int64_t r = 0; r < rows; r++) {
    offset[r] = log_sum_exp[r] * 1.442695041f;
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
      if (one < rows) {
        shown = lr_band_columns(band, one, one + 1, n);
      } else {
        for (int64_t i = steps.begin; i < steps.end; i += LANES)
          LR(store)(at->d_weights + one * WIDTH + i, (VEC)0.0f);
      }
      if (shown.begin != steps.begin || shown.end != steps.end)
        LR(hide)(at->scores + one * WIDTH, shown, steps.begin, steps.end);
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
      LR(backward_lines)
      (at->scores + r * WIDTH, at->d_weights + r * WIDTH, at->factors + r * WIDTH, weight_line,
       d_score_line, d_scores, steps, scale2, offset + r, dot + r);
    else
      LR(backward_lines)
      (at->scores + r * WIDTH, at->d_weights + r * WIDTH, 0, weight_line, d_score_line, d_scores,
       steps, scale2, offset + r, dot + r);
  }
}

// One panel of queries against one tile of keys: adds to dK and dV of the tile, and to dQ of the panel.
static void LR(backward_panel)(const lr_backward_job *job, const lr_attention_unit *unit,
                               int64_t head, int64_t panel, int64_t tile,
                               const LR(backward_memory) * at) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  const lr_attention *a = job->a;
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, size = a->head_size, first = panel * LR_PANEL;
  int64_t rows = lr_min(LR_PANEL, s->query_count - first), row = s->query_start + first;
  int64_t key = tile * WIDTH, n = lr_min(WIDTH, s->key_count - key);
  lr_band band = lr_band_at(a, s, first, key);
  lr_range seen = lr_band_columns(lr_band_at(a, s, first, 0), 0, rows, s->key_count);
  lr_range shown = lr_band_columns(band, 0, rows, n);
  int64_t first_tile = seen.begin / WIDTH;
  int64_t last_tile = seen.end > seen.begin ? (seen.end - 1) / WIDTH : 0;
  float *d_queries = at->d_queries + (head % group * at->d_query_rows + first) * at->width;
  const float *dots = at->products + head % group * s->query_count + first;

  if (shown.end > shown.begin) {
    const void *q = lr_at(a->type, a->q, row * a->q_stride + head * size);
    const void *d_out = lr_at(a->type, job->d_out, row * job->d_out_stride + head * size);
    LR(pack_rows)(a->type, q, a->q_stride, rows, size, at->queries, at->words);
    LR(pack_rows)(a->type, d_out, job->d_out_stride, rows, size, at->d_outs, at->words);
    LR(pack_lines)(a->type, q, a->q_stride, rows, size, at->query_lines, at->width);
    LR(pack_lines)(a->type, d_out, job->d_out_stride, rows, size, at->d_out_lines, at->width);
    LR(scores)
    (rows, n, at->words, at->queries, at->words, at->key_columns, WIDTH, at->scores, WIDTH, band,
     at->ahead);
    LR(scores)
    (rows, n, at->words, at->d_outs, at->words, at->value_columns, WIDTH, at->d_weights, WIDTH,
     band, at->ahead);
    if (at->factors)
      for (int64_t r = 0; r < rows; r++)
        lr_dropout_factors(a, head, row + r, s->key_start + key, n, at->factors + r * WIDTH);
    LR(backward_weights)
    (at, rows, n, band, a->scale, job->log_sum_exp + head * job->query_rows + row, dots);
    LR(sum_over_queries)
    (n, at->width, rows, at->weight_lines, WIDTH, at->d_out_lines, at->width, at->d_values,
     at->width, at->ones, band, at->ahead);
    LR(sum_over_queries)
    (n, at->width, rows, at->d_score_lines, WIDTH, at->query_lines, at->width, at->d_keys,
     at->width, at->ones, band, at->ahead);
    // Each panel of dQ adds its tiles in order, so that its sum is the same whoever computes it.
    if (tile > first_tile) lr_await(job, unit, tile - 1, head % group * lr_panels(s) + panel);
    LR(sum_over_keys)
    (rows, at->width, n, at->d_scores, WIDTH / PER_WORD, at->key_lines, at->width, d_queries,
     at->width, tile > first_tile ? at->ones : 0, band, at->ahead);
  }
  if (tile == last_tile)
    for (int64_t r = 0; r < rows; r++) {
      void *target = (void *)lr_at(a->type, job->dq, (row + r) * job->dq_stride + head * size);
      for (int64_t i = 0; i < size; i += LANES)
        LR(store_row)
        (a->type, target, i, size,
         seen.end > seen.begin ? LR(load)(d_queries + r * at->width + i) * a->scale : (VEC)0.0f);
    }
}

static void LR(backward_tile)(const lr_backward_job *job, const lr_attention_unit *unit,
                              int64_t tile, const LR(backward_memory) * at) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  const lr_attention *a = job->a;
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, size = a->head_size, panels = lr_panels(s);
  int64_t key = tile * WIDTH, n = lr_min(WIDTH, s->key_count - key), row = s->key_start + key;
  const void *k = lr_at(a->type, a->k, row * a->k_stride + unit->kv_head * size);
  const void *v = lr_at(a->type, a->v, row * a->v_stride + unit->kv_head * size);
  LR(pack_columns)
  (a->type, k, a->k_stride, n, size, at->words, at->key_columns, WIDTH, at->square);
  LR(pack_columns)
  (a->type, v, a->v_stride, n, size, at->words, at->value_columns, WIDTH, at->square);
  LR(pack_lines)(a->type, k, a->k_stride, n, size, at->key_lines, at->width);
  __builtin_memset(at->d_keys, 0, (size_t)(WIDTH * at->width) * 4);
  __builtin_memset(at->d_values, 0, (size_t)(WIDTH * at->width) * 4);

  lr_range rows = lr_tile_queries(a, s, tile, tile + 1);
  for (int64_t of = 0; of < group; of++)
    for (int64_t panel = rows.begin / LR_PANEL; panel * LR_PANEL < rows.end; panel++) {
      LR(backward_panel)(job, unit, unit->kv_head * group + of, panel, tile, at);
      lr_advance(job, unit, tile, of * panels + panel + 1);
    }
  lr_advance(job, unit, tile, group * panels);

  for (int64_t j = 0; j < n; j++) {
    void *dk = (void *)lr_at(a->type, job->dk, (row + j) * job->dk_stride + unit->kv_head * size);
    void *dv = (void *)lr_at(a->type, job->dv, (row + j) * job->dv_stride + unit->kv_head * size);
    for (int64_t i = 0; i < size; i += LANES) {
      LR(store_row)(a->type, dk, i, size, LR(load)(at->d_keys + j * at->width + i) * a->scale);
      LR(store_row)(a->type, dv, i, size, LR(load)(at->d_values + j * at->width + i));
    }
  }
}

// D for the queries that tiles of this unit see.
static void LR(row_products)(const lr_backward_job *job, const lr_attention_unit *unit,
                             float *products) {
  const lr_attention *a = job->a;
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, size = a->head_size;
  lr_range rows = lr_tile_queries(a, s, unit->first, unit->first + unit->count);
  for (int64_t of = 0; of < group; of++)
    for (int64_t first = rows.begin; first < rows.end; first += LANES) {
      VEC sums[LANES];
      for (int64_t i = 0; i < LANES; i++) {
        int64_t row = s->query_start + lr_min(first + i, rows.end - 1);
        int64_t column = (unit->kv_head * group + of) * size;
        const void *out = lr_at(a->type, job->out, row * job->out_stride + column);
        const void *d_out = lr_at(a->type, job->d_out, row * job->d_out_stride + column);
        sums[i] = (VEC)0.0f;
        for (int64_t x = 0; x < size; x += LANES)
          sums[i] += LR(load_row)(a->type, out, x, size) * LR(load_row)(a->type, d_out, x, size);
      }
      LR(store_row)
      (LR_F32, products + of * s->query_count, first, rows.end, LR(sum_of_each)(sums));
    }
}

static void LR(lr_backward_unit)(void *context, int64_t index) {
  const lr_backward_job *job = context;
  const lr_attention *a = job->a;
  const lr_attention_unit *unit = &job->units[index];
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, keys = LR_BACKWARD_KEYS, tile = LR_PANEL * keys;
  LR(backward_memory) at = {.words = (a->head_size + PER_WORD - 1) / PER_WORD,
                            .width = lr_round_up(a->head_size, LANES)};
  lr_carver carver = {0};
  int64_t key_columns = lr_carve(&carver, at.words * keys);
  int64_t value_columns = lr_carve(&carver, at.words * keys);
  int64_t key_lines = lr_carve(&carver, keys / PER_WORD * at.width);
  int64_t queries = lr_carve(&carver, LR_PANEL * at.words);
  int64_t query_lines = lr_carve(&carver, LR_PANEL / PER_WORD * at.width);
  int64_t d_outs = lr_carve(&carver, LR_PANEL * at.words);
  int64_t d_out_lines = lr_carve(&carver, LR_PANEL / PER_WORD * at.width);
  int64_t scores = lr_carve(&carver, tile), d_weights = lr_carve(&carver, tile);
  int64_t pairs = LR_PAIRS ? tile / 2 : 0;
  int64_t weight_lines = lr_carve(&carver, pairs), d_score_lines = lr_carve(&carver, pairs);
  int64_t d_scores = lr_carve(&carver, pairs);
  int64_t d_keys = lr_carve(&carver, keys * at.width);
  int64_t d_values = lr_carve(&carver, keys * at.width);
  int64_t ones = lr_carve(&carver, LR_PANEL);
  int64_t factors = lr_carve(&carver, a->dropout > 0 ? tile : 0);
  int64_t square = lr_carve(&carver, LANES * lr_round_up(at.words, LANES));
  int64_t products = lr_carve(&carver, group * s->query_count);
  int64_t d_queries =
      lr_carve(&carver, job->progress ? 0 : group * s->query_count * at.width);
  float *memory = lr_scratch(LR_SCRATCH_UNIT, (size_t)carver.used * 4);
  uint32_t *packed = (uint32_t *)memory;
  at.key_columns = packed + key_columns;
  at.value_columns = packed + value_columns;
  at.key_lines = packed + key_lines;
  at.queries = packed + queries;
  at.query_lines = packed + query_lines;
  at.d_outs = packed + d_outs;
  at.d_out_lines = packed + d_out_lines;
  at.scores = memory + scores;
  at.d_weights = memory + d_weights;
  // Floats are their own operands, in place.
  at.weight_lines = packed + (LR_PAIRS ? weight_lines : scores);
  at.d_score_lines = packed + (LR_PAIRS ? d_score_lines : d_weights);
  at.d_scores = packed + (LR_PAIRS ? d_scores : d_weights);
  at.d_keys = memory + d_keys;
  at.d_values = memory + d_values;
  at.ones = memory + ones;
  at.factors = a->dropout > 0 ? memory + factors : 0;
  at.square = packed + square;
  at.products = memory + products;
  at.d_queries = memory + d_queries;
  at.d_query_rows = s->query_count;
  if (job->progress) {
    at.d_queries =
        job->d_queries + (unit->kv_head * group * job->query_rows + s->query_start) * at.width;
    at.d_query_rows = job->query_rows;
  }
  for (int64_t i = 0; i < LR_PANEL; i++) at.ones[i] = 1;
  lr_ahead ahead = lr_backward_ahead(job, index);
  at.ahead = &ahead;
  LR(row_products)(job, unit, at.products);
  for (int64_t i = unit->first; i < unit->first + unit->count; i++)
    LR(backward_tile)(job, unit, i, &at);
}
