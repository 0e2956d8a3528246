#include "lr_cross_entropy.h"

#include <math.h>

#include "lr_functions.h"
#include "lr_kernel.h"
#include "lr_softmax.h"

typedef struct {
  float *logits;
  int64_t stride, columns;
  const int32_t *labels;
  const float *scales;
  float *losses;
  float smoothing;
  int gradient;
  lr_type type;
} work;

LR_INLINE float total(const float *x, int64_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += x[i];
  return sum;
}

LR_INLINE float sum_of_exponentials(const float *x, float top, int64_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += lr_exp_below_zero(x[i] - top);
  return sum;
}

// One pass leaves each tile as exponentials below its own maximum, a second scales tiles to the
// row's: every exponential is taken once and rounded once.
LR_CLONES static void one_row(void *context, int64_t row) {
  const work *w = context;
  float *x = w->logits + row * w->stride;
  float tops[(w->columns + LR_TILE - 1) / LR_TILE], top = -INFINITY, target = x[w->labels[row]];
  double sum = 0, whole = 0;
  for (int64_t j = 0, tile = 0; j < w->columns; j += LR_TILE, tile++) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    if (w->smoothing > 0) whole += (double)total(x + j, count);
    float here = lr_largest(x + j, count, -INFINITY);
    // A tile of nothing but -inf has no maximum to subtract; zero leaves exponentials of zero.
    tops[tile] = here = here == -INFINITY ? 0.0f : here;
    float part = w->gradient ? lr_exponentials(x + j, here, count, x + j)
                             : sum_of_exponentials(x + j, here, count);
    if (here > top) {
      sum *= exp((double)top - (double)here);
      top = here;
    }
    sum += (double)part * exp((double)here - (double)top);
  }
  double log_sum = (double)top + log(sum);
  const double spread = (double)w->smoothing;
  w->losses[row] =
      (float)(log_sum - (1 - spread) * (double)target - spread * whole / (double)w->columns);
  if (!w->gradient) return;

  lr_view out = {.data = x, .type = w->type, .stride = 0};
  // Times one is exact, so that a gradient without scales has the same bits as before it could have some.
  const float scale = w->scales ? w->scales[row] : 1.0f;
  const float each = (float)(spread / (double)w->columns);
  const float hit = ((float)(expm1((double)target - log_sum) + spread) - each) * scale;
  const float even = each * scale;
  float room[LR_TILE];
  for (int64_t j = 0, tile = 0; j < w->columns; j += LR_TILE, tile++) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    const float factor = (float)exp((double)tops[tile] - log_sum) * scale;
    float *from = x + j;
    LR_ELEMENTS for (int64_t i = 0; i < count; i++) room[i] = from[i] * factor - even;
    int64_t label = w->labels[row] - j;
    if (label >= 0 && label < count) room[label] = hit;
    lr_store(out, 0, j, count, room);
  }
}

void lr_cross_entropy(float *logits, int64_t stride, const int32_t *labels, const float *scales,
                      float *losses, float smoothing, int gradient, lr_type gradient_type, int64_t rows,
                      int64_t columns) {
  work w = {.logits = logits, .stride = stride, .columns = columns, .labels = labels,
            .scales = scales, .losses = losses, .smoothing = smoothing, .gradient = gradient, .type = gradient_type};
  lr_parallel(rows, one_row, &w);
}
