#include "attention_plan.h"

#include <stdlib.h>

#include "lr_parallel.h"
#include "lr_random.h"
#include "lr_scratch.h"

// Units per thread below which heads are cut further: enough that the last units even out.
enum { UNITS_PER_THREAD = 4 };

static int biggest_first(const void *a, const void *b) {
  const lr_attention_unit *x = a, *y = b;
  if (x->cost != y->cost) return x->cost < y->cost ? 1 : -1;
  if (x->segment != y->segment) return x->segment < y->segment ? -1 : 1;
  if (x->kv_head != y->kv_head) return x->kv_head < y->kv_head ? -1 : 1;
  return (x->first > y->first) - (x->first < y->first);
}

static int tile_by_tile(const void *a, const void *b) {
  const lr_attention_unit *x = a, *y = b;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  return biggest_first(a, b);
}

// Scores that queries first ..< last of a segment show, about.
static int64_t shown(const lr_attention *a, const lr_segment *s, int64_t first, int64_t last) {
  lr_range top = lr_band_columns(lr_band_at(a, s, first, 0), 0, 1, s->key_count);
  lr_range bottom = lr_band_columns(lr_band_at(a, s, last - 1, 0), 0, 1, s->key_count);
  return (last - first) * (top.end - top.begin + bottom.end - bottom.begin + 2) / 2;
}

int64_t lr_forward_units(const lr_attention *a, lr_attention_unit **units) {
  int64_t wanted = (int64_t)lr_threads() * UNITS_PER_THREAD;
  int64_t bases = lr_max(a->segment_count * a->kv_heads, 1);
  int64_t group = a->heads / a->kv_heads;
  int64_t parts = lr_threads() == 1 ? 1 : (wanted + bases - 1) / bases;
  int64_t least = (lr_threads() + bases - 1) / bases;  // parts that give every thread something
  *units = lr_scratch(LR_SCRATCH_REGION, (size_t)(bases * parts) * sizeof(lr_attention_unit));
  int64_t count = 0;
  for (int64_t segment = 0; segment < a->segment_count; segment++) {
    const lr_segment *s = &a->segments[segment];
    int64_t items = lr_panels(s) * group;
    // Every part packs its keys again, which a few queries do not repay.
    int64_t worthwhile = lr_max(least, s->query_count * group / LR_PANEL);
    int64_t here = lr_min(lr_min(parts, worthwhile), items);
    for (int64_t part = 0; part < here; part++) {
      int64_t first = items * part / here, last = items * (part + 1) / here;
      int64_t query = first / group * LR_PANEL;
      int64_t end = lr_min(s->query_count, ((last - 1) / group + 1) * LR_PANEL);
      int64_t cost = shown(a, s, query, end) * (last - first) * LR_PANEL / (end - query);
      for (int32_t kv_head = 0; kv_head < a->kv_heads; kv_head++)
        (*units)[count++] = (lr_attention_unit){.segment = (int32_t)segment,
                                                .kv_head = kv_head,
                                                .first = first,
                                                .count = last - first,
                                                .cost = cost};
    }
  }
  qsort(*units, (size_t)count, sizeof **units, biggest_first);
  return count;
}

int lr_backward_is_split(const lr_attention *a) {
  int threads = lr_threads();
  // Tiles of a head add to the same gradients of relative terms.
  return threads > 1 && a->relative.columns == 0 &&
         a->segment_count * a->kv_heads < (int64_t)threads * UNITS_PER_THREAD;
}

int64_t lr_backward_units(const lr_attention *a, size_t reserved, lr_attention_unit **units) {
  int split = lr_backward_is_split(a);
  int64_t bases = a->segment_count * a->kv_heads, tiles = 0;
  for (int64_t segment = 0; segment < a->segment_count; segment++)
    tiles += lr_backward_tiles(&a->segments[segment]) * a->kv_heads;
  int64_t capacity = split ? tiles : bases;
  char *memory =
      lr_scratch(LR_SCRATCH_REGION, reserved + (size_t)capacity * sizeof(lr_attention_unit));
  *units = (lr_attention_unit *)(memory + reserved);
  int64_t count = 0;
  for (int64_t segment = 0; segment < a->segment_count; segment++) {
    const lr_segment *s = &a->segments[segment];
    int64_t here = lr_backward_tiles(s), step = split ? 1 : here;
    int64_t cost = s->query_count ? shown(a, s, 0, s->query_count) : 0;
    for (int32_t kv_head = 0; kv_head < a->kv_heads; kv_head++)
      for (int64_t first = 0; first < here; first += step)
        (*units)[count++] = (lr_attention_unit){.segment = (int32_t)segment,
                                                .kv_head = kv_head,
                                                .first = first,
                                                .count = step,
                                                .cost = cost};
  }
  qsort(*units, (size_t)count, sizeof **units, split ? tile_by_tile : biggest_first);
  return count;
}

void lr_dropout_factors(const lr_attention *a, int64_t head, int64_t query_row, int64_t key_row,
                        int64_t count, float *factors) {
  uint32_t threshold = lr_dropout_threshold(a->dropout);
  float survivor = a->dropout < 1 ? 1.0f / (1.0f - a->dropout) : 0.0f;
  uint64_t stream = (uint64_t)head << 40 | (uint64_t)(a->first_query + query_row);
  for (int64_t i = 0; i < count;) {
    uint32_t words[4];
    uint64_t row = (uint64_t)(a->first_key + key_row + i);
    lr_philox(a->random_key, stream, row / 4, words);
    for (uint64_t word = row % 4; word < 4 && i < count; word++, i++)
      factors[i] = words[word] >= threshold ? survivor : 0.0f;
  }
}
