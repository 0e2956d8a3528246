#include <string.h>

#include "lr_kernel.h"
#include "lr_unpack.h"
#include "unpack_blocks.h"

#pragma clang fp contract(fast)

// Products of a few rows with a packed matrix, as generation needs them: each block is unpacked once and multiplied with
// all rows at once, so that the bytes of the weight are all that comes from memory.

typedef struct {
  lr_packed from;
  const float *x;
  float *out;
  float scale;
  int64_t first_row, x_stride, out_stride, few, rows, columns;
} work;

enum { ROWS = 16, LANES = 16 };

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define lanes_at(x) (*(const lanes *)(x))

// A row of the weight by `few` rows, a number that is known where this is inlined: its sums stay in registers.
#define LR_ROW(name, COUNT, BYTES, few)                                                            \
  {                                                                                                \
    lanes sums[few] = {{0}};                                                                       \
    for (int64_t column = 0; column < w->columns; column += COUNT, block += BYTES) {               \
      name(block, room);                                                                           \
      for (int j = 0; j < COUNT; j += LANES) {                                                     \
        lanes numbers = lanes_at(room + j);                                                        \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < few; i++) sums[i] +=                \
            numbers * lanes_at(w->x + i * w->x_stride + column + j);                               \
      }                                                                                            \
    }                                                                                              \
    for (int i = 0; i < few; i++) {                                                                \
      float sum = 0;                                                                               \
      for (int l = 0; l < LANES; l++) sum += sums[i][l];                                           \
      w->out[i * w->out_stride + row] += w->scale * sum;                                           \
    }                                                                                              \
  }

#define LR_UNIT_OF(name, COUNT, BYTES)                                                             \
  LR_CLONES static void name##_unit(void *context, int64_t unit) {                                 \
    const work *w = context;                                                                       \
    int64_t last = lr_least((unit + 1) * ROWS, w->rows);                                           \
    float room[COUNT];                                                                             \
    for (int64_t row = unit * ROWS; row < last; row++) {                                           \
      const uint8_t *block =                                                                       \
          (const uint8_t *)w->from.data + (w->first_row + row) * w->from.row_bytes;                \
      if (w->few == 1) LR_ROW(name, COUNT, BYTES, 1)                                               \
      else if (w->few == 2) LR_ROW(name, COUNT, BYTES, 2)                                          \
      else if (w->few == 4) LR_ROW(name, COUNT, BYTES, 4)                                          \
      else LR_ROW(name, COUNT, BYTES, 8)                                                           \
    }                                                                                              \
  }

LR_INLINE void f16(const uint8_t *b, float *y) {
  uint16_t bits[32];
  memcpy(bits, b, sizeof bits);
  for (int j = 0; j < 32; j++) y[j] = lr_half_of(bits[j]);
}

LR_UNIT_OF(f16, 32, 64)
LR_EACH_BLOCK(LR_UNIT_OF)

void lr_packed_few(lr_packed a, int64_t first_row, const float *x, int64_t x_stride, float scale,
                   float *out, int64_t out_stride, int64_t few, int64_t rows, int64_t columns) {
  static void (*const units[])(void *, int64_t) = LR_UNITS_BY_TYPE;
  work w = {.from = a, .x = x, .out = out, .scale = scale, .first_row = first_row,
            .x_stride = x_stride, .out_stride = out_stride, .few = few, .rows = rows,
            .columns = columns};
  lr_parallel((rows + ROWS - 1) / ROWS, units[a.type], &w);
}
