#include "lr_rotary.h"

#include "lr_kernel.h"

typedef struct {
  lr_view x, out;
  int64_t rows, heads, head_size, half, unit_rows;
  const int32_t *positions;
  const float *cosine, *sine;
  float sign;
} work;

enum { ROOM = 2048 };  // at least one head

LR_INLINE void turn(const work *w, const float *x, float *out, const float *cosine,
                    const float *sine) {
  const float sign = w->sign;
  const int64_t half = w->half;
  LR_ELEMENTS for (int64_t i = 0; i < half; i++) {
    float a = x[i], b = x[i + half], s = sign * sine[i];
    out[i] = a * cosine[i] - b * s;
    out[i + half] = b * cosine[i] + a * s;
  }
  for (int64_t i = 2 * half; i < w->head_size; i++) out[i] = x[i];
}

LR_CLONES static void unit(void *context, int64_t index) {
  const work *w = context;
  float rooms[2][ROOM];
  const int64_t columns = w->heads * w->head_size, step = ROOM / w->head_size * w->head_size;
  int64_t last = lr_least((index + 1) * w->unit_rows, w->rows);
  for (int64_t row = index * w->unit_rows; row < last; row++) {
    const float *cosine = w->cosine + w->positions[row] * w->half;
    const float *sine = w->sine + w->positions[row] * w->half;
    for (int64_t j = 0; j < columns; j += step) {
      int64_t count = lr_least(step, columns - j);
      const float *x = lr_load(w->x, row, j, count, rooms[0]);
      float *out = lr_room(w->out, row, j, rooms[1]);
      for (int64_t head = 0; head < count; head += w->head_size)
        turn(w, x + head, out + head, cosine, sine);
      lr_store(w->out, row, j, count, out);
    }
  }
}

void lr_rotary(lr_view x, lr_view out, int64_t rows, int64_t heads, int64_t head_size, int64_t half,
               const int32_t *positions, const float *cosine, const float *sine, int inverse) {
  work w = {.x = x, .out = out, .rows = rows, .heads = heads, .head_size = head_size, .half = half,
            .positions = positions, .cosine = cosine, .sine = sine, .sign = inverse ? -1 : 1};
  w.unit_rows = lr_grid_of(rows, heads * head_size).unit_rows;
  lr_parallel((rows + w.unit_rows - 1) / w.unit_rows, unit, &w);
}
