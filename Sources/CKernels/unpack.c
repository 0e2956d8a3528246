#include "lr_unpack.h"

#include <string.h>

#include "lr_kernel.h"
#include "unpack_blocks.h"

typedef struct {
  lr_packed from;
  lr_view to;
  const int32_t *ids;  // null: rows follow each other
  int64_t first_row, first_column, rows, columns, tall, across;
} work;

enum { RUN = 4096 };

// The part of a row that a unit unpacks; a unit is a run of whole blocks of one row, or of several rows that are short.
typedef struct {
  const uint8_t *bytes;
  int64_t row, column, last;
} part;

LR_INLINE part part_of(const work *w, int64_t unit, int64_t within, int64_t count, int64_t bytes) {
  part p;
  p.row = unit / w->across * w->tall + within;
  p.column = unit % w->across * RUN;
  p.last = lr_least(p.column + RUN, w->columns);
  int64_t from = w->ids ? w->ids[p.row] : w->first_row + p.row;
  p.bytes = (const uint8_t *)w->from.data + from * w->from.row_bytes +
            (w->first_column + p.column) / count * bytes;
  return p;
}

LR_INLINE int64_t rows_of(const work *w, int64_t unit) {
  return lr_least(w->tall, w->rows - unit / w->across * w->tall);
}

// What a block holds goes through the first-level cache, and into memory as the type that is wanted there.
#define LR_UNIT_OF(name, COUNT, BYTES)                                                             \
  LR_CLONES static void name##_unit(void *context, int64_t unit) {                                 \
    const work *w = context;                                                                       \
    float room[COUNT];                                                                             \
    for (int64_t i = 0; i < rows_of(w, unit); i++) {                                               \
      part p = part_of(w, unit, i, COUNT, BYTES);                                                  \
      for (; p.column < p.last; p.column += COUNT, p.bytes += BYTES) {                             \
        name(p.bytes, room);                                                                       \
        lr_store(w->to, p.row, p.column, lr_least(COUNT, p.last - p.column), room);                \
      }                                                                                            \
    }                                                                                              \
  }

// A row of F16 may end anywhere.
LR_CLONES static void f16_unit(void *context, int64_t unit) {
  const work *w = context;
  float room[LR_TILE];
  uint16_t bits[LR_TILE];
  for (int64_t i = 0; i < rows_of(w, unit); i++) {
    part p = part_of(w, unit, i, 1, 2);
    while (p.column < p.last) {
      int64_t count = lr_least(LR_TILE, p.last - p.column);
      memcpy(bits, p.bytes, 2 * (size_t)count);
      for (int64_t j = 0; j < count; j++) room[j] = lr_half_of(bits[j]);
      lr_store(w->to, p.row, p.column, count, room);
      p.column += count;
      p.bytes += 2 * count;
    }
  }
}

LR_EACH_BLOCK(LR_UNIT_OF)

#define UNIT(name) name##_unit

static void start(work *w) {
  static void (*const units[])(void *, int64_t) = LR_UNITS_BY_TYPE(UNIT);
  if (w->rows == 0 || w->columns == 0) return;
  w->tall = w->columns < RUN ? RUN / w->columns : 1;
  w->across = (w->columns + RUN - 1) / RUN;
  lr_parallel((w->rows + w->tall - 1) / w->tall * w->across, units[w->from.type], w);
}

void lr_unpack(lr_packed a, int64_t first_row, int64_t first_column, lr_view out, int64_t rows,
               int64_t columns) {
  work w = {.from = a, .to = out, .first_row = first_row, .first_column = first_column,
            .rows = rows, .columns = columns};
  start(&w);
}

void lr_unpack_rows(lr_packed table, const int32_t *ids, lr_view out, int64_t rows,
                    int64_t columns) {
  work w = {.from = table, .to = out, .ids = ids, .rows = rows, .columns = columns};
  start(&w);
}
