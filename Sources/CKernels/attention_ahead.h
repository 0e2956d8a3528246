#pragma once
#include "attention_plan.h"

// Rows to ask for while other work goes on. A head's rows lie a page apart, which no hardware
// prefetcher follows, and in a training step they come from memory: waiting for them took a fifth
// of the time. All asked for at once would wait as well, so every block of a product asks for a
// few.
typedef struct {
  struct {
    const char *row;
    int64_t stride, rows;
  } runs[8];
  int32_t count, next;
  int64_t bytes;  // of every row
} lr_ahead;

static inline void lr_ahead_add(lr_ahead *ahead, const lr_attention *a, const void *base,
                                int64_t stride, int64_t first_row, int64_t column, int64_t rows) {
  ahead->bytes = a->head_size * (a->type == LR_BF16 ? 2 : 4);
  ahead->runs[ahead->count].row = lr_at(a->type, base, first_row * stride + column);
  ahead->runs[ahead->count].stride = stride * (a->type == LR_BF16 ? 2 : 4);
  ahead->runs[ahead->count++].rows = rows;
}

static inline void lr_ahead_step(lr_ahead *ahead) {
  if (ahead->next == ahead->count) return;
  for (int i = 0; i < 4; i++) {
    if (ahead->runs[ahead->next].rows <= 0) {
      if (++ahead->next == ahead->count) return;
      continue;
    }
    const char *row = ahead->runs[ahead->next].row;
    for (int64_t at = 0; at < ahead->bytes; at += 64) __builtin_prefetch(row + at, 0, 2);
    ahead->runs[ahead->next].row = row + ahead->runs[ahead->next].stride;
    ahead->runs[ahead->next].rows--;
  }
}
