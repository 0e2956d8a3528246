#pragma once
#include "lr_view.h"

// A low-rank addition to some rows and columns of a map's output:
// y[row + i, column + j] += scale · Σ_p up[p, j] · Σ_c down[p, c] · x[row + i, c].
typedef struct {
  int64_t row, rows;
  int64_t column, columns;
  int64_t rank;
  const void *down;  // [rank, inputs]
  const void *up;    // [rank, columns], so the factor B transposed
  float scale;
} lr_term;

// Adds all terms, of whatever ranks, to y: one pass over their factors on all threads. It is meant for a few rows each, as
// generation has them. Terms may share rows and columns: each element of y adds them up in their order.
void lr_add_terms(lr_view x, lr_view y, int64_t inputs, lr_type factors, const lr_term *terms,
                  int64_t count);
