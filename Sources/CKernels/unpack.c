#include "lr_unpack.h"

#include <string.h>

#include "lr_kernel.h"
#include "unpack_blocks.h"

typedef struct {
  lr_packed from;
  lr_view to;
  const int32_t *ids;  // null: rows follow each other
  int64_t first_row, first_column, columns, run, across;
} work;

enum { RUN = 2048 };

// One unit is a run of whole blocks of one row. What a block holds goes through the first-level cache, and into memory as
// the type that is wanted there.
#define LR_UNIT_OF(name, COUNT, BYTES)                                                             \
  LR_CLONES static void name##_unit(void *context, int64_t unit) {                                 \
    const work *w = context;                                                                       \
    int64_t row = unit / w->across, column = unit % w->across * w->run;                            \
    int64_t from = w->ids ? w->ids[row] : w->first_row + row;                                      \
    int64_t last = lr_least(column + w->run, w->columns);                                          \
    const uint8_t *block = (const uint8_t *)w->from.data + from * w->from.row_bytes +              \
                           (w->first_column + column) / COUNT * BYTES;                             \
    float room[COUNT];                                                                             \
    for (; column < last; column += COUNT, block += BYTES) {                                       \
      name(block, room);                                                                           \
      lr_store(w->to, row, column, lr_least(COUNT, last - column), room);                          \
    }                                                                                              \
  }

// A row of F16 may end anywhere.
LR_CLONES static void f16_unit(void *context, int64_t unit) {
  const work *w = context;
  int64_t row = unit / w->across, column = unit % w->across * w->run;
  int64_t from = w->ids ? w->ids[row] : w->first_row + row;
  int64_t last = lr_least(column + w->run, w->columns);
  const uint8_t *halves = (const uint8_t *)w->from.data + from * w->from.row_bytes +
                          2 * (w->first_column + column);
  float room[LR_TILE];
  uint16_t bits[LR_TILE];
  while (column < last) {
    int64_t count = lr_least(LR_TILE, last - column);
    memcpy(bits, halves, 2 * (size_t)count);
    for (int64_t i = 0; i < count; i++) room[i] = lr_half_of(bits[i]);
    lr_store(w->to, row, column, count, room);
    column += count;
    halves += 2 * count;
  }
}

LR_UNIT_OF(q4_0, 32, 18)
LR_UNIT_OF(q4_1, 32, 20)
LR_UNIT_OF(q5_0, 32, 22)
LR_UNIT_OF(q5_1, 32, 24)
LR_UNIT_OF(q8_0, 32, 34)
LR_UNIT_OF(q2_k, 256, 84)
LR_UNIT_OF(q3_k, 256, 110)
LR_UNIT_OF(q4_k, 256, 144)
LR_UNIT_OF(q5_k, 256, 176)
LR_UNIT_OF(q6_k, 256, 210)
LR_UNIT_OF(iq4_nl, 32, 18)

static void start(work *w, int64_t rows) {
  static void (*const units[])(void *, int64_t) = {
      [LR_F16] = f16_unit,   [LR_Q4_0] = q4_0_unit, [LR_Q4_1] = q4_1_unit, [LR_Q5_0] = q5_0_unit,
      [LR_Q5_1] = q5_1_unit, [LR_Q8_0] = q8_0_unit, [LR_Q2_K] = q2_k_unit, [LR_Q3_K] = q3_k_unit,
      [LR_Q4_K] = q4_k_unit, [LR_Q5_K] = q5_k_unit, [LR_Q6_K] = q6_k_unit, [LR_IQ4_NL] = iq4_nl_unit,
  };
  w->run = RUN;
  w->across = (w->columns + RUN - 1) / RUN;
  lr_parallel(rows * w->across, units[w->from.type], w);
}

void lr_unpack(lr_packed a, int64_t first_row, int64_t first_column, lr_view out, int64_t rows,
               int64_t columns) {
  work w = {.from = a, .to = out, .first_row = first_row, .first_column = first_column,
            .columns = columns};
  start(&w, rows);
}

void lr_unpack_rows(lr_packed table, const int32_t *ids, lr_view out, int64_t rows,
                    int64_t columns) {
  work w = {.from = table, .to = out, .ids = ids, .columns = columns};
  start(&w, rows);
}
