#include "lr_head.h"

#include <math.h>

#include "lr_functions.h"
#include "lr_kernel.h"
#include "lr_softmax.h"

typedef struct {
  float *logits;
  int64_t stride, first, columns, width;
  const int32_t *labels;
  lr_head_state state;
  float *losses;
  lr_view sums, own, out;
  lr_type type;
} work;

LR_CLONES static void block_row(void *context, int64_t row) {
  const work *w = context;
  float *x = w->logits + row * w->stride, before = w->first == 0 ? -INFINITY : w->state.tops[row];
  int64_t label = w->labels[row] - w->first;
  if (label >= 0 && label < w->columns) w->state.targets[row] = x[label];
  const float top = lr_largest(x, w->columns, before);
  // A row of nothing but -inf has no maximum to subtract; zero leaves exponentials of zero.
  const float least = top == -INFINITY ? 0.0f : top;
  double sum = w->first == 0 ? 0 : w->state.sums[row];
  if (top > before && w->first > 0) {
    const float factor = (float)exp((double)before - (double)top);
    sum *= exp((double)before - (double)top);
    float *held = w->sums.data ? lr_at(w->sums, row, 0) : 0;
    if (held) LR_ELEMENTS for (int64_t j = 0; j < w->width; j++) held[j] *= factor;
  }
  lr_view out = {.data = x, .type = w->type, .stride = 0};
  float room[LR_TILE];
  for (int64_t j = 0; j < w->columns; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->columns - j);
    sum += (double)lr_exponentials(x + j, least, count, room);
    if (!w->sums.data) continue;
    if (label >= j && label < j + count) room[label - j] = 0;
    lr_store(out, 0, j, count, room);
  }
  w->state.tops[row] = top;
  w->state.sums[row] = sum;
}

void lr_head_block(float *logits, int64_t stride, const int32_t *labels, int64_t first,
                   lr_head_state state, lr_view sums, int64_t width, lr_type type, int64_t rows,
                   int64_t columns) {
  work w = {.logits = logits, .stride = stride, .first = first, .columns = columns,
            .width = width, .labels = labels, .state = state, .sums = sums, .type = type};
  lr_parallel(rows, block_row, &w);
}

LR_CLONES static void end_row(void *context, int64_t row) {
  const work *w = context;
  const double log_sum = (double)w->state.tops[row] + log(w->state.sums[row]);
  const double target = (double)w->state.targets[row];
  w->losses[row] = (float)(log_sum - target);
  if (!w->sums.data) return;
  // By itself, since 1 - softmax loses all digits where the label is nearly certain.
  const float hit = (float)expm1(target - log_sum), share = (float)(1 / w->state.sums[row]);
  float rooms[2][LR_TILE];
  for (int64_t j = 0; j < w->width; j += LR_TILE) {
    int64_t count = lr_least(LR_TILE, w->width - j);
    const float *sums = lr_at(w->sums, row, j), *own = lr_load(w->own, row, j, count, rooms[0]);
    float *out = lr_room(w->out, row, j, rooms[1]);
    LR_ELEMENTS for (int64_t i = 0; i < count; i++) out[i] = share * sums[i] + hit * own[i];
    lr_store(w->out, row, j, count, out);
  }
}

void lr_head_end(lr_head_state state, float *losses, lr_view sums, lr_view own, lr_view out,
                 int64_t rows, int64_t width) {
  work w = {.state = state, .losses = losses, .width = width, .sums = sums, .own = own, .out = out};
  lr_parallel(rows, end_row, &w);
}
