#pragma once
#include <stddef.h>

#include "lr_attention.h"

// What attention's passes share whatever the instruction set: which scores the mask shows, which
// weights dropout keeps, how the work is cut into units.

enum {
  LR_PANEL = 64,           // queries worked on together
  LR_FORWARD_KEYS = 256,   // keys per step of the forward's online softmax
  LR_BACKWARD_KEYS = 128,  // keys per tile of the backward, whose gradients then stay in the cache
  LR_FEW_ROWS = 2,         // queries of a group that do not repay packing its keys
};

// Far below any score, yet finite: differences of two are no NaN.
#define LR_HIDDEN -1e30f

typedef struct {
  int64_t begin, end;
} lr_range;

// The mask inside one tile: row r shows columns low + r ..< high + r. Causality and windows are
// both bands.
typedef struct {
  int64_t low, high;
} lr_band;

static inline int64_t lr_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t lr_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t lr_round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

static inline lr_range lr_clip(int64_t begin, int64_t end, int64_t count) {
  lr_range range = {lr_max(begin, 0), lr_min(end, count)};
  if (range.end <= range.begin) range.begin = range.end = lr_min(range.begin, count);
  return range;
}

// The band of the tile whose first row is query `query` of the segment and first column key `key`.
static inline lr_band lr_band_at(const lr_attention *a, const lr_segment *s, int64_t query,
                                 int64_t key) {
  const int64_t everything = INT64_MAX / 4;
  int64_t diagonal = s->key_count - s->query_count + query - key;
  lr_band band = {-everything, everything};
  if (a->window > 0 && a->window < everything) {
    band.low = diagonal - a->window + 1;
    band.high = diagonal + a->window;
  }
  if (a->causal) band.high = diagonal + 1;
  return band;
}

// Columns that any row of `first ..< last` shows; rows that show any column of `first ..< last`.
static inline lr_range lr_band_columns(lr_band band, int64_t first, int64_t last, int64_t count) {
  return lr_clip(band.low + first, band.high + last - 1, count);
}

static inline lr_range lr_band_rows(lr_band band, int64_t first, int64_t last, int64_t count) {
  return lr_clip(first - band.high + 1, last - band.low, count);
}

static inline const void *lr_at(lr_type type, const void *base, int64_t element) {
  return (const char *)base + element * (type == LR_BF16 ? 2 : 4);
}

// The row of a key of a segment.
static inline int64_t lr_key_row(const lr_segment *s, int64_t key) {
  return s->pages ? (int64_t)s->pages[key / LR_PAGE] * LR_PAGE + key % LR_PAGE : s->key_start + key;
}

static inline int64_t lr_panels(const lr_segment *s) {
  return (s->query_count + LR_PANEL - 1) / LR_PANEL;
}

static inline int64_t lr_backward_tiles(const lr_segment *s) {
  return lr_max(1, (s->key_count + LR_BACKWARD_KEYS - 1) / LR_BACKWARD_KEYS);
}

// Queries that see any key of tiles first ..< last. The first tile has all of them, to leave zeros
// at those that see no key.
static inline lr_range lr_tile_queries(const lr_attention *a, const lr_segment *s, int64_t first,
                                       int64_t last) {
  if (first == 0) return (lr_range){0, s->query_count};
  return lr_band_rows(lr_band_at(a, s, 0, 0), first * LR_BACKWARD_KEYS,
                      lr_min(last * LR_BACKWARD_KEYS, s->key_count), s->query_count);
}

// One piece of work: for the heads of one group in one segment, the forward takes `count` items
// from `first` of the list of (panel, head), the backward `count` tiles of keys.
typedef struct {
  int32_t segment, kv_head;
  int64_t first, count;
  int64_t cost;
} lr_attention_unit;

// Fills *units, in the thread's region scratch, biggest first; returns their number.
int64_t lr_forward_units(const lr_attention *a, lr_attention_unit **units);

// Whether the backward's heads are too few for the threads, so that each tile of keys is its own
// unit.
int lr_backward_is_split(const lr_attention *a);

// As above, after `reserved` bytes of that scratch. Split units are in order of tiles: one that
// waits for the tile before it then waits for a unit handed out earlier.
int64_t lr_backward_units(const lr_attention *a, size_t reserved, lr_attention_unit **units);

// factors[i] = what dropout multiplies weight (head, query row, key row + i) by: 0 or 1 / (1 - p).
void lr_dropout_factors(const lr_attention *a, int64_t head, int64_t query_row, int64_t key_row,
                        int64_t count, float *factors);
