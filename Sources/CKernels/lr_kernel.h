#pragma once
#include "lr_exp.h"
#include "lr_parallel.h"
#include "lr_view.h"

// What every kernel is made of: each runs as a list of units on all threads, walks a unit in tiles of a
// row that stay in the first-level cache, and sees f32 there whatever the memory holds.

#if defined(__x86_64__)
#define LR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LR_CLONES
#endif
#define LR_INLINE static inline __attribute__((always_inline))

// A result may lie over an operand, element on element: no iteration depends on another.
#define LR_ELEMENTS _Pragma("clang loop vectorize(assume_safety)")

enum { LR_TILE = 512, LR_UNIT = 32768 };

LR_INLINE float lr_widen(uint16_t x) { return lr_from_bits((uint32_t)x << 16); }

// To the nearest, ties to even; NaN stays NaN.
LR_INLINE uint16_t lr_narrow(float x) {
  uint32_t bits = lr_bits(x);
  return (uint16_t)((x != x ? bits | 0x400000u : bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

LR_INLINE void *lr_at(lr_view v, int64_t row, int64_t column) {
  return (char *)v.data + (row * v.stride + column) * (v.type == LR_BF16 ? 2 : 4);
}

// count numbers from (row, column) on: where they lie, or in the tile.
LR_INLINE const float *lr_load(lr_view v, int64_t row, int64_t column, int64_t count, float *tile) {
  const void *from = lr_at(v, row, column);
  if (v.type == LR_F32) return from;
  const uint16_t *bits = from;
  for (int64_t i = 0; i < count; i++) tile[i] = lr_widen(bits[i]);
  return tile;
}

// Where to put numbers that lr_store will see to.
LR_INLINE float *lr_room(lr_view v, int64_t row, int64_t column, float *tile) {
  return v.type == LR_F32 ? lr_at(v, row, column) : tile;
}

LR_INLINE void lr_store(lr_view v, int64_t row, int64_t column, int64_t count, const float *from) {
  if (v.type == LR_F32) {
    float *to = lr_at(v, row, column);
    if (to != from) {
      LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] = from[i];
    }
    return;
  }
  uint16_t *to = lr_at(v, row, column);
  LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] = lr_narrow(from[i]);
}

// A rectangle cut into units of about LR_UNIT elements, whole rows where they are short enough.
typedef struct {
  int64_t rows, columns, unit_rows, unit_columns, across;
} lr_grid;

LR_INLINE lr_grid lr_grid_of(int64_t rows, int64_t columns) {
  lr_grid g = {.rows = rows, .columns = columns};
  g.unit_columns = columns < LR_UNIT ? columns : LR_UNIT;
  g.unit_rows = g.unit_columns > 0 ? LR_UNIT / g.unit_columns : 1;
  g.across = g.unit_columns > 0 ? (columns + g.unit_columns - 1) / g.unit_columns : 0;
  return g;
}

LR_INLINE int64_t lr_units(const lr_grid *g) {
  return g->across * ((g->rows + g->unit_rows - 1) / g->unit_rows);
}

// The tiles of a unit: for (lr_tile t = lr_first(&grid, unit); t.count > 0; lr_next(&t)).
typedef struct {
  int64_t row, column, count, last_row, first_column, last_column;
} lr_tile;

LR_INLINE int64_t lr_least(int64_t a, int64_t b) { return a < b ? a : b; }

LR_INLINE lr_tile lr_first(const lr_grid *g, int64_t unit) {
  lr_tile t;
  t.row = unit / g->across * g->unit_rows;
  t.last_row = lr_least(t.row + g->unit_rows, g->rows);
  t.column = t.first_column = unit % g->across * g->unit_columns;
  t.last_column = lr_least(t.column + g->unit_columns, g->columns);
  t.count = lr_least(LR_TILE, t.last_column - t.column);
  return t;
}

LR_INLINE void lr_next(lr_tile *t) {
  t->column += t->count;
  if (t->column == t->last_column) {
    t->row++;
    t->column = t->first_column;
  }
  t->count = t->row < t->last_row ? lr_least(LR_TILE, t->last_column - t->column) : 0;
}

// The rows of one block of a reduction.
LR_INLINE int64_t lr_block_start(int64_t rows, int64_t block) {
  return rows * block / lr_row_blocks(rows);
}
