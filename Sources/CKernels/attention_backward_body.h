// The backward pass of one unit, for the instruction set that the includer names.
//   D = rowsum(dO . O)   P = exp(scale S - log sum exp)   dS = P . (dO V^T - D)
//   dV = P^T dO          dK = scale dS^T Q                dQ = scale dS K

#include "attention_vector.h"
#include "attention_tile.h"
#include "attention_pack.h"
#include "attention_mask.h"
#include "attention_relative.h"
#include "attention_weights.h"

// One panel of queries against one tile of keys: adds to dK and dV of the tile, and to dQ of the
// panel.
static void LR(backward_panel)(const lr_backward_job *job, const lr_attention_unit *unit,
                               int64_t head, int64_t panel, int64_t tile,
                               const LR(backward_memory) *at) {
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
    LR(scores)(rows, n, at->words, at->queries, at->words, at->key_columns, WIDTH, at->scores,
        WIDTH, band, at->ahead);
    if (a->relative.columns)
      LR(relative)(a, s, head, first, key, rows, n, at->scores, WIDTH, 0, 0, 0);
    LR(scores)(rows, n, at->words, at->d_outs, at->words, at->value_columns, WIDTH, at->d_weights,
        WIDTH, band, at->ahead);
    if (at->factors)
      for (int64_t r = 0; r < rows; r++)
        lr_dropout_factors(a, head, row + r, s->key_start + key, n, at->factors + r * WIDTH);
    LR(backward_weights)(at, rows, n, band, a->scale,
        job->log_sum_exp + head * job->query_rows + row, dots);
    if (a->relative.columns)
      LR(relative)(a, s, head, first, key, rows, n, at->d_weights, WIDTH, 1, job->d_of_queries,
          job->d_of_keys);
    LR(sum_over_queries)(n, at->width, rows, at->weight_lines, WIDTH, at->d_out_lines, at->width,
        at->d_values, at->width, at->ones, band, at->ahead);
    LR(sum_over_queries)(n, at->width, rows, at->d_score_lines, WIDTH, at->query_lines, at->width,
        at->d_keys, at->width, at->ones, band, at->ahead);
    // Each panel of dQ adds its tiles in order, so that its sum is the same whoever computes it.
    if (tile > first_tile) lr_await(job, unit, tile - 1, head % group * lr_panels(s) + panel);
    LR(sum_over_keys)(rows, at->width, n, at->d_scores, WIDTH / PER_WORD, at->key_lines, at->width,
        d_queries, at->width, tile > first_tile ? at->ones : 0, band, at->ahead);
  }
  if (tile == last_tile)
    for (int64_t r = 0; r < rows; r++) {
      void *target = (void *)lr_at(a->type, job->dq, (row + r) * job->dq_stride + head * size);
      for (int64_t i = 0; i < size; i += LANES)
        LR(store_row)(a->type, target, i, size,
            seen.end > seen.begin ? LR(load)(d_queries + r * at->width + i) * a->scale : (VEC)0.0f);
    }
}

// Zeros in the rows of a relative table's gradient, for the heads of a group.
static void LR(clear_relative)(const lr_attention *a, float *table, int64_t row, int64_t rows,
                               int64_t kv_head) {
  int64_t group = a->heads / a->kv_heads;
  for (int64_t i = row; table && i < row + rows; i++)
    __builtin_memset(LR(table)(a, table, i, kv_head * group), 0,
                     (size_t)(group * a->relative.columns) * 4);
}

static void LR(backward_tile)(const lr_backward_job *job, const lr_attention_unit *unit,
                              int64_t tile, const LR(backward_memory) *at) {
  enum { WIDTH = LR_BACKWARD_KEYS };
  const lr_attention *a = job->a;
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, size = a->head_size, panels = lr_panels(s);
  int64_t key = tile * WIDTH, n = lr_min(WIDTH, s->key_count - key), row = s->key_start + key;
  const void *k = lr_at(a->type, a->k, row * a->k_stride + unit->kv_head * size);
  const void *v = lr_at(a->type, a->v, row * a->v_stride + unit->kv_head * size);
  LR(pack_columns)(a->type, k, a->k_stride, n, size, at->words, at->key_columns, WIDTH, at->square);
  LR(pack_columns)(a->type, v, a->v_stride, n, size, at->words, at->value_columns, WIDTH,
      at->square);
  LR(pack_lines)(a->type, k, a->k_stride, n, size, at->key_lines, at->width);
  __builtin_memset(at->d_keys, 0, (size_t)(WIDTH * at->width) * 4);
  __builtin_memset(at->d_values, 0, (size_t)(WIDTH * at->width) * 4);
  LR(clear_relative)(a, job->d_of_keys, row, n, unit->kv_head);

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
      LR(store_row)(LR_F32, products + of * s->query_count, first, rows.end, LR(sum_of_each)(sums));
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
  at.keeps_d_scores = LR_PAIRS && a->relative.columns;
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
  LR(clear_relative)(a, job->d_of_queries, s->query_start, s->query_count, unit->kv_head);
  for (int64_t i = unit->first; i < unit->first + unit->count; i++)
    LR(backward_tile)(job, unit, i, &at);
}
