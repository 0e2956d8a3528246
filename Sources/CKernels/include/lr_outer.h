#pragma once
#include "lr_product.h"

// The gradient of a factor of low rank: c = scale · thinᵀ wide, or c += scale · thinᵀ wide; or the transpose of it.
// thin is [terms, rank] and wide [terms, n], both of the type of the product. c is [rank, n], or [n, rank] where it is
// turned.
typedef struct {
  int64_t terms, rank, n;
  lr_type inputs;
  const void *thin, *wide;
  int64_t thin_stride, wide_stride;  // in elements
  float scale;
  int accumulates, turned;
  lr_view c;
  lr_product_set most;               // no kernel beyond this set is used
} lr_outer;

// Whether this processor has a kernel for it, and the product is large enough.
int lr_can_sum_outer(const lr_outer *p);
// Each element of c is added up in an order that the shape alone determines.
void lr_sum_outer(const lr_outer *p);
