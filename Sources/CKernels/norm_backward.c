#include "lr_kernel.h"
#include "lr_norm.h"

typedef struct {
  lr_norm_kind kind;
  lr_view d_out, flowing, normalized, d_sum, d_delta;
  const float *inverse, *weight;
  float offset;
  float *d_weight, *d_bias;  // partial sums, one row for each block; null unless wanted
  int64_t rows, columns;
} backward;

typedef struct {
  float gradient, product;
} means;

LR_INLINE means sums_of(const float *dy, const float *weight, float offset,
                        const float *normalized, int64_t count) {
#pragma clang fp reassociate(on)
  float gradient = 0, product = 0;
  for (int64_t i = 0; i < count; i++) {
    float g = dy[i] * (offset + weight[i]);
    gradient += g;
    product += g * normalized[i];
  }
  return (means){gradient, product};
}

// d_sum = (g - mean(g) - x̂ mean(g x̂)) · inverse with g = dy · (offset + weight); the mean of g only where
// the forward pass took a mean away.
LR_INLINE void row_gradient(const backward *w, int64_t row, means m) {
  float rooms[4][LR_TILE];
  const float inverse = w->inverse[row], offset = w->offset;
  for (int64_t j = 0; j < w->columns; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    const float *dy = lr_load(w->d_out, row, j, count, rooms[0]), *weight = w->weight + j;
    const float *normalized = lr_load(w->normalized, row, j, count, rooms[1]);
    float *out = lr_room(w->d_sum, row, j, rooms[2]);
    if (w->flowing.data) {
      const float *flowing = lr_load(w->flowing, row, j, count, rooms[3]);
      LR_ELEMENTS for (int64_t i = 0; i < count; i++)
        out[i] = (dy[i] * (offset + weight[i]) - m.gradient - normalized[i] * m.product) * inverse +
                 flowing[i];
    } else {
      LR_ELEMENTS for (int64_t i = 0; i < count; i++)
        out[i] = (dy[i] * (offset + weight[i]) - m.gradient - normalized[i] * m.product) * inverse;
    }
    lr_store(w->d_sum, row, j, count, out);
    if (w->d_delta.data) lr_store(w->d_delta, row, j, count, out);
  }
}

LR_INLINE means row_means(const backward *w, int64_t row, int64_t block) {
  float rooms[2][LR_TILE];
  means m = {0, 0};
  for (int64_t j = 0; j < w->columns; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    const float *dy = lr_load(w->d_out, row, j, count, rooms[0]);
    const float *normalized = lr_load(w->normalized, row, j, count, rooms[1]);
    means tile = sums_of(dy, w->weight + j, w->offset, normalized, count);
    m.gradient += tile.gradient;
    m.product += tile.product;
    if (w->d_weight) {
      float *to = w->d_weight + block * w->columns + j;
      LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] += dy[i] * normalized[i];
    }
    if (w->d_bias) {
      float *to = w->d_bias + block * w->columns + j;
      LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] += dy[i];
    }
  }
  m.gradient = w->kind == LR_NORM_LAYER ? m.gradient / (float)w->columns : 0;
  m.product /= (float)w->columns;
  return m;
}

LR_CLONES static void backward_block(void *context, int64_t block) {
  const backward *w = context;
  for (int64_t j = 0; w->d_weight && j < w->columns; j++) w->d_weight[block * w->columns + j] = 0;
  for (int64_t j = 0; w->d_bias && j < w->columns; j++) w->d_bias[block * w->columns + j] = 0;
  int64_t last = lr_block_start(w->rows, block + 1);
  for (int64_t row = lr_block_start(w->rows, block); row < last; row++)
    row_gradient(w, row, row_means(w, row, block));
}

static void combine(const float *partials, float *out, int64_t blocks, int64_t columns) {
  for (int64_t j = 0; j < columns; j++) out[j] = 0;
  for (int64_t block = 0; block < blocks; block++)
    for (int64_t j = 0; j < columns; j++) out[j] += partials[block * columns + j];
}

void lr_norm_backward(lr_norm_kind kind, lr_view d_out, lr_view flowing, lr_view normalized,
                      const float *inverse, const float *weight, lr_view d_sum, lr_view d_delta,
                      float *partials, float *d_weight, float *d_bias, int64_t rows,
                      int64_t columns) {
  int64_t blocks = lr_row_blocks(rows);
  backward w = {.kind = kind, .d_out = d_out, .flowing = flowing, .normalized = normalized,
                .d_sum = d_sum, .d_delta = d_delta, .inverse = inverse, .weight = weight,
                .offset = kind == LR_NORM_RMS_ONE ? 1 : 0,
                .d_weight = d_weight ? partials : 0,
                .d_bias = d_bias ? partials + blocks * columns : 0, .rows = rows,
                .columns = columns};
  lr_parallel(blocks, backward_block, &w);
  if (d_weight) combine(w.d_weight, d_weight, blocks, columns);
  if (d_bias) combine(w.d_bias, d_bias, blocks, columns);
}
