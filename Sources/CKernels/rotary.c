#include "lr_rotary.h"

#include "lr_kernel.h"

typedef struct {
  lr_view x, out;
  int64_t rows, heads, head_size, half, unit_rows;
  const int32_t *positions;
  const float *cosine, *sine;
  float sign;
} work;

LR_INLINE void turn(const work *w, int64_t row, int64_t column, const float *cosine,
                    const float *sine) {
  float rooms[4][LR_TILE];
  for (int64_t i = 0; i < w->half; i += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->half - i), low = column + i, high = low + w->half;
    const float *a = lr_load(w->x, row, low, count, rooms[0]);
    const float *b = lr_load(w->x, row, high, count, rooms[1]);
    float *to_a = lr_room(w->out, row, low, rooms[2]), *to_b = lr_room(w->out, row, high, rooms[3]);
    const float *c = cosine + i, *s = sine + i, sign = w->sign;
    LR_ELEMENTS for (int64_t j = 0; j < count; j++) {
      float x = a[j], y = b[j], turned = sign * s[j];
      to_a[j] = x * c[j] - y * turned;
      to_b[j] = y * c[j] + x * turned;
    }
    lr_store(w->out, row, low, count, to_a);
    lr_store(w->out, row, high, count, to_b);
  }
  for (int64_t i = 2 * w->half; i < w->head_size; i += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->head_size - i);
    lr_store(w->out, row, column + i, count, lr_load(w->x, row, column + i, count, rooms[0]));
  }
}

LR_CLONES static void unit(void *context, int64_t index) {
  const work *w = context;
  int64_t last = lr_least((index + 1) * w->unit_rows, w->rows);
  for (int64_t row = index * w->unit_rows; row < last; row++) {
    int64_t at = w->positions[row] * w->half;
    for (int64_t head = 0; head < w->heads; head++)
      turn(w, row, head * w->head_size, w->cosine + at, w->sine + at);
  }
}

void lr_rotary(lr_view x, lr_view out, int64_t rows, int64_t heads, int64_t head_size, int64_t half,
               const int32_t *positions, const float *cosine, const float *sine, int inverse) {
  work w = {.x = x, .out = out, .rows = rows, .heads = heads, .head_size = head_size, .half = half,
            .positions = positions, .cosine = cosine, .sine = sine, .sign = inverse ? -1 : 1};
  w.unit_rows = lr_grid_of(rows, heads * head_size).unit_rows;
  lr_parallel((rows + w.unit_rows - 1) / w.unit_rows, unit, &w);
}
