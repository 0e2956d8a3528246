#pragma once
#include <stdint.h>

#include "lr_attention.h"

// A matrix in memory: row i starts i · stride elements after data. Kernels read and write f32 and
// bf16 alike, and work in f32. A result may lie over an operand where both are the same matrix.
typedef struct {
  void *data;
  lr_type type;
  int64_t stride;
} lr_view;

// Reductions over rows are added up in blocks whose bounds depend on the shape alone, so that the
// same numbers come out on any number of threads; callers give memory for this many partial
// results.
int64_t lr_row_blocks(int64_t rows);
