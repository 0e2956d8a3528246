#pragma once
#include "lr_view.h"

// out[j] = sum over i of a[i, j], or of a[i, j] · b[i, j] unless b.data is null; added to out when
// accumulating. partials holds lr_row_blocks(rows) · columns numbers.
void lr_column_sums(lr_view a, lr_view b, float *partials, float *out, int accumulate, int64_t rows,
                    int64_t columns);
// out[i] = Euclidean norm of row i
void lr_row_norms(lr_view a, float *out, int64_t rows, int64_t columns);
// The sum of the squares of contiguous elements; partials holds lr_square_blocks(count) numbers.
int64_t lr_square_blocks(int64_t count);
double lr_sum_of_squares(lr_view a, double *partials, int64_t count);
