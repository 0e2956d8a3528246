#include "lr_elementwise.h"
#include "lr_kernel.h"
#include "lr_random.h"

typedef struct {
  lr_grid grid;
  lr_view a, out;
  uint32_t threshold;
  float survivor;
  uint64_t key, first;
} work;

// Tiles start at multiples of four elements, as LR_TILE and LR_UNIT are, so that all of them stand
// `shift` words behind the beginning of a counter.
LR_CLONES static void unit(void *context, int64_t index) {
  const work *w = context;
  const uint32_t threshold = w->threshold;
  const float survivor = w->survivor;
  float rooms[2][LR_TILE];
  uint32_t words[LR_TILE + 4];
  const uint64_t shift = w->first % 4;
  for (lr_tile t = lr_first(&w->grid, index); t.count > 0; lr_next(&t)) {
    uint64_t counter = (w->first + (uint64_t)t.column) / 4;
    LR_ELEMENTS for (int64_t i = 0; i < LR_TILE / 4 + 1; i++) {
      uint32_t four[4];
      lr_philox(w->key, 0, counter + (uint64_t)i, four);
      for (int j = 0; j < 4; j++) words[4 * i + j] = four[j];
    }
    const float *a = lr_load(w->a, 0, t.column, t.count, rooms[0]);
    float *out = lr_room(w->out, 0, t.column, rooms[1]);
    LR_ELEMENTS for (int64_t i = 0; i < t.count; i++)
      out[i] = words[shift + (uint64_t)i] >= threshold ? a[i] * survivor : 0.0f;
    lr_store(w->out, 0, t.column, t.count, out);
  }
}

void lr_dropout(lr_view a, float p, uint64_t key, int64_t first, lr_view out, int64_t count) {
  work w = {.grid = lr_grid_of(1, count), .a = a, .out = out, .key = key, .first = (uint64_t)first};
  w.threshold = lr_dropout_threshold(p);
  w.survivor = 1.0f / (1.0f - p);
  lr_parallel(lr_units(&w.grid), unit, &w);
}
