// The forward pass of one unit, for the instruction set that the includer names.
#include "attention_vector.h"
#include "attention_tile.h"
#include "attention_pack.h"
#include "attention_mask.h"
#include "attention_relative.h"
#include "attention_softmax.h"
#include "attention_few.h"

// One panel of queries against all keys it sees, which stand packed from block `first_block` on.
typedef struct {
  int64_t words, width;          // of a packed row: in words, and in columns rounded up to vectors
  uint32_t *columns, *lines;     // keys by columns (a block after the other), values by lines
  uint32_t *queries, *weights;
  float *scores, *out, *maximum, *sum, *keep, *factors;
  int64_t first_block;
  lr_ahead *ahead;
} LR(forward_memory);

static void LR(forward_panel)(const lr_forward_job *job, const lr_segment *s, int64_t head,
                              int64_t first, const LR(forward_memory) *at) {
  const lr_attention *a = job->a;
  int64_t rows = lr_min(LR_PANEL, s->query_count - first), query_row = s->query_start + first;
  LR(pack_rows)(a->type, lr_at(a->type, a->q, query_row * a->q_stride + head * a->head_size),
      a->q_stride, rows, a->head_size, at->queries, at->words);
  for (int64_t r = 0; r < LR_PANEL; r++) {
    at->maximum[r] = LR_HIDDEN;
    at->sum[r] = 0;
  }
  lr_range seen = lr_band_columns(lr_band_at(a, s, first, 0), 0, rows, s->key_count);
  const float *keep = 0;  // the first product writes, later ones add
  for (int64_t block = seen.begin / LR_FORWARD_KEYS; block * LR_FORWARD_KEYS < seen.end; block++) {
    int64_t key = block * LR_FORWARD_KEYS, n = lr_min(LR_FORWARD_KEYS, s->key_count - key);
    lr_band band = lr_band_at(a, s, first, key);
    if (at->factors)
      for (int64_t r = 0; r < rows; r++)
        lr_dropout_factors(a, head, query_row + r, s->key_start + key, n,
                           at->factors + r * LR_FORWARD_KEYS);
    int64_t packed = block - at->first_block;
    LR(scores)(rows, n, at->words, at->queries, at->words,
        at->columns + packed * at->words * LR_FORWARD_KEYS, LR_FORWARD_KEYS, at->scores,
        LR_FORWARD_KEYS, band, at->ahead);
    if (a->relative.columns)
      LR(relative)(a, s, head, first, key, rows, n, at->scores, LR_FORWARD_KEYS, 0, 0, 0);
    LR(softmax)(at->scores, LR_FORWARD_KEYS, at->weights, rows, n, band, a->scale, at->maximum,
        at->sum, at->keep, at->factors);
    LR(sum_over_keys)(rows, at->width, n, at->weights, LR_FORWARD_KEYS / PER_WORD,
        at->lines + packed * (LR_FORWARD_KEYS / PER_WORD) * at->width, at->width, at->out,
        at->width, keep, band, at->ahead);
    keep = at->keep;
  }
  for (int64_t r = 0; r < rows; r++) {
    // A row that sees no key has summed nothing.
    float factor = keep && at->sum[r] != 0 ? 1.0f / at->sum[r] : 0.0f;
    void *row = (void *)lr_at(a->type, job->out,
                              (query_row + r) * job->out_stride + head * a->head_size);
    for (int64_t i = 0; i < a->head_size; i += LANES)
      LR(store_row)(a->type, row, i, a->head_size,
          factor == 0 ? (VEC)0.0f : LR(load)(at->out + r * at->width + i) * factor);
    if (job->log_sum_exp)
      job->log_sum_exp[head * job->query_rows + query_row + r] =
          factor == 0 ? 0.0f : at->maximum[r] * a->scale + logf(at->sum[r]);
  }
}

// Rows of a head from key `key` on: where they lie, or their copies in `room` where they lie on
// pages.
static const void *LR(key_rows)(const lr_attention *a, const lr_segment *s, const void *base,
                                int64_t *stride, int64_t key, int64_t count, int64_t column,
                                void *room) {
  if (!s->pages) return lr_at(a->type, base, (s->key_start + key) * *stride + column);
  size_t bytes = (size_t)a->head_size * (a->type == LR_BF16 ? 2 : 4);
  for (int64_t j = 0; j < count; j++)
    __builtin_memcpy((char *)room + (size_t)j * bytes,
                     lr_at(a->type, base, lr_key_row(s, key + j) * *stride + column), bytes);
  *stride = a->head_size;
  return room;
}

static void LR(lr_forward_unit)(void *context, int64_t index) {
  const lr_forward_job *job = context;
  const lr_attention *a = job->a;
  const lr_attention_unit *unit = &job->units[index];
  const lr_segment *s = &a->segments[unit->segment];
  int64_t group = a->heads / a->kv_heads, size = a->head_size, last = unit->first + unit->count;
  if (s->query_count * group <= LR_FEW_ROWS && !a->relative.columns) {
    for (int64_t item = unit->first; item < last; item++)
      for (int64_t query = 0; query < s->query_count; query++)
        LR(forward_few)(job, s, unit->kv_head * group + item, query);
    return;
  }
  lr_range seen = lr_unit_keys(a, unit);
  int64_t first_block = seen.begin / LR_FORWARD_KEYS;
  int64_t blocks = (seen.end + LR_FORWARD_KEYS - 1) / LR_FORWARD_KEYS - first_block;

  LR(forward_memory) at = {.words = (size + PER_WORD - 1) / PER_WORD,
                           .width = lr_round_up(size, LANES),
                           .first_block = first_block};
  int64_t tile = LR_PANEL * LR_FORWARD_KEYS;
  lr_carver carver = {0};
  int64_t columns = lr_carve(&carver, blocks * at.words * LR_FORWARD_KEYS);
  int64_t lines = lr_carve(&carver, blocks * (LR_FORWARD_KEYS / PER_WORD) * at.width);
  int64_t queries = lr_carve(&carver, LR_PANEL * at.words);
  int64_t weights = lr_carve(&carver, LR_PAIRS ? tile / 2 : 0);
  int64_t scores = lr_carve(&carver, tile);
  int64_t out = lr_carve(&carver, LR_PANEL * at.width);
  int64_t rows = lr_carve(&carver, 3 * LR_PANEL);
  int64_t factors = lr_carve(&carver, a->dropout > 0 ? tile : 0);
  int64_t square = lr_carve(&carver, LANES * lr_round_up(at.words, LANES));
  int64_t gathered = lr_carve(&carver, s->pages ? LR_FORWARD_KEYS * size : 0);
  float *memory = lr_scratch(LR_SCRATCH_UNIT, (size_t)carver.used * 4);
  at.columns = (uint32_t *)memory + columns;
  at.lines = (uint32_t *)memory + lines;
  at.queries = (uint32_t *)memory + queries;
  at.scores = memory + scores;
  at.weights = LR_PAIRS ? (uint32_t *)memory + weights : (uint32_t *)at.scores;
  at.out = memory + out;
  at.maximum = memory + rows;
  at.sum = at.maximum + LR_PANEL;
  at.keep = at.sum + LR_PANEL;
  at.factors = a->dropout > 0 ? memory + factors : 0;

  lr_ahead ahead = lr_forward_ahead(job, index);
  at.ahead = &ahead;
  for (int64_t block = 0; block < blocks; block++) {
    int64_t key = (first_block + block) * LR_FORWARD_KEYS, column = unit->kv_head * size;
    int64_t n = lr_min(LR_FORWARD_KEYS, s->key_count - key), stride = a->k_stride;
    const void *from = LR(key_rows)(a, s, a->k, &stride, key, n, column, memory + gathered);
    LR(pack_columns)(a->type, from, stride, n, size, at.words,
        at.columns + block * at.words * LR_FORWARD_KEYS, LR_FORWARD_KEYS,
        (uint32_t *)memory + square);
    stride = a->v_stride;
    from = LR(key_rows)(a, s, a->v, &stride, key, n, column, memory + gathered);
    LR(pack_lines)(a->type, from, stride, n, size,
        at.lines + block * (LR_FORWARD_KEYS / PER_WORD) * at.width, at.width);
  }
  for (int64_t item = unit->first; item < last; item++)
    LR(forward_panel)(job, s, unit->kv_head * group + item % group, item / group * LR_PANEL, &at);
}
