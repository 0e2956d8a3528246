#include "lr_norm.h"

#include <math.h>

#include "lr_kernel.h"

typedef struct {
  lr_norm_kind kind;
  lr_view x, delta, sum, out, normalized;
  const float *weight, *bias;
  float epsilon, offset, *inverse;
  int64_t rows, columns, unit_rows;
} forward;

LR_INLINE float total(const float *a, int64_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += a[i];
  return sum;
}

LR_INLINE float squared_distance(const float *a, float centre, int64_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (a[i] - centre) * (a[i] - centre);
  return sum;
}

// Writes x + delta, unless there is nothing to add, and returns the mean of what the norm sees.
LR_INLINE float take_in(const forward *w, int64_t row) {
  float rooms[3][LR_TILE], sum = 0;
  if (!w->delta.data && w->kind != LR_NORM_LAYER) return 0;
  for (int64_t j = 0; j < w->columns; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    const float *x = lr_load(w->x, row, j, count, rooms[0]);
    if (w->delta.data) {
      const float *delta = lr_load(w->delta, row, j, count, rooms[1]);
      float *out = lr_room(w->sum, row, j, rooms[2]);
      LR_ELEMENTS for (int64_t i = 0; i < count; i++) out[i] = x[i] + delta[i];
      lr_store(w->sum, row, j, count, out);
      x = lr_load(w->sum, row, j, count, rooms[0]);
    }
    if (w->kind == LR_NORM_LAYER) sum += total(x, count);
  }
  return sum / (float)w->columns;
}

LR_INLINE void normalize(const forward *w, lr_view x, int64_t row, float mean, float inverse) {
  float rooms[3][LR_TILE];
  const float offset = w->offset;
  for (int64_t j = 0; j < w->columns; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    const float *from = lr_load(x, row, j, count, rooms[0]), *weight = w->weight + j;
    float *out = lr_room(w->out, row, j, rooms[1]);
    if (w->normalized.data) {
      float *normalized = lr_room(w->normalized, row, j, rooms[2]);
      LR_ELEMENTS for (int64_t i = 0; i < count; i++) normalized[i] = (from[i] - mean) * inverse;
      lr_store(w->normalized, row, j, count, normalized);
    }
    if (w->bias) {
      const float *bias = w->bias + j;
      LR_ELEMENTS for (int64_t i = 0; i < count; i++)
        out[i] = (from[i] - mean) * inverse * (offset + weight[i]) + bias[i];
    } else {
      LR_ELEMENTS for (int64_t i = 0; i < count; i++)
        out[i] = (from[i] - mean) * inverse * (offset + weight[i]);
    }
    lr_store(w->out, row, j, count, out);
  }
}

LR_CLONES static void forward_unit(void *context, int64_t unit) {
  const forward *w = context;
  lr_view x = w->delta.data ? w->sum : w->x;
  float room[LR_TILE];
  int64_t last = lr_least((unit + 1) * w->unit_rows, w->rows);
  for (int64_t row = unit * w->unit_rows; row < last; row++) {
    float mean = take_in(w, row), squares = 0;
    for (int64_t j = 0; j < w->columns; j += LR_TILE) {
      int64_t count = lr_least(LR_TILE, w->columns - j);
      squares += squared_distance(lr_load(x, row, j, count, room), mean, count);
    }
    float inverse = 1.0f / sqrtf(squares / (float)w->columns + w->epsilon);
    if (w->inverse) w->inverse[row] = inverse;
    normalize(w, x, row, mean, inverse);
  }
}

void lr_norm(lr_norm_kind kind, lr_view x, lr_view delta, lr_view sum, const float *weight,
             const float *bias, float epsilon, lr_view out, lr_view normalized, float *inverse,
             int64_t rows, int64_t columns) {
  forward w = {.kind = kind, .x = x, .delta = delta, .sum = sum, .out = out,
               .normalized = normalized, .weight = weight, .bias = bias, .epsilon = epsilon,
               .offset = kind == LR_NORM_RMS_ONE ? 1 : 0, .inverse = inverse, .rows = rows, .columns = columns};
  w.unit_rows = lr_grid_of(rows, columns).unit_rows;
  lr_parallel((rows + w.unit_rows - 1) / w.unit_rows, forward_unit, &w);
}
