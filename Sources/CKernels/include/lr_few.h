#pragma once
#include "lr_product.h"

// c[i, j] = or += scale · x[i] · b[j] for a few rows x of f32 numbers and the rows b of a weight of any type, as generation needs
// it: each number of the weight is widened once for all rows of x. Up to four rows multiply it on its way from memory; more do
// from the first level of the cache.
enum { LR_FEW = 64 };

typedef struct {
  int64_t few, n, k;          // few is 1, 2, or 4 to LR_FEW; k a multiple of 32, and whole blocks
  const float *x;
  int64_t x_stride;
  lr_factor b;                // [n, k], which enters transposed; it begins with a block
  float scale;
  int accumulates;
  float *c;
  int64_t c_stride;
  lr_product_set most;        // no kernel beyond this set is used
} lr_few;

// Each element of c is added up in an order that the shape and the instructions alone determine.
void lr_multiply_few(const lr_few *f);
