#pragma once
#include <stddef.h>
#include <stdint.h>

// A buffer of this thread, 64-byte aligned and kept until the thread ends: a kernel asks for its
// working memory at every unit, and fresh pages cost as much as the arithmetic. Contents are
// undefined; the same slot asked for again is the same memory.
enum { LR_SCRATCH_REGION = 0, LR_SCRATCH_UNIT = 1, LR_SCRATCH_SLOTS = 2 };

void *lr_scratch(int slot, size_t bytes);

// Cuts one buffer into parts that start on cache lines: counts and offsets are in 4-byte words.
typedef struct {
  int64_t used;
} lr_carver;

static inline int64_t lr_carve(lr_carver *carver, int64_t words) {
  int64_t offset = carver->used;
  carver->used += (words + 15) / 16 * 16;
  return offset;
}
