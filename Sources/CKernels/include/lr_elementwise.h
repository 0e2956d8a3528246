#pragma once
#include "lr_view.h"

// out = a
void lr_copy(lr_view a, lr_view out, int64_t rows, int64_t columns);
// out = a + scale · b
void lr_add(lr_view a, lr_view b, float scale, lr_view out, int64_t rows, int64_t columns);
// out = a · b
void lr_multiply(lr_view a, lr_view b, lr_view out, int64_t rows, int64_t columns);
// out = a / b
void lr_divide(lr_view a, lr_view b, lr_view out, int64_t rows, int64_t columns);
// out = factor · a
void lr_scale(lr_view a, float factor, lr_view out, int64_t rows, int64_t columns);
// out[i, j] = a[i, j] · vector[j]
void lr_scale_columns(lr_view a, const float *vector, lr_view out, int64_t rows, int64_t columns);
// out[i, j] = a[i, j] · vector[i]
void lr_scale_rows(lr_view a, const float *vector, lr_view out, int64_t rows, int64_t columns);
// out = 0
void lr_clear(lr_view out, int64_t rows, int64_t columns);
// out[i, j] = vector[j]
void lr_fill_rows(const float *vector, lr_view out, int64_t rows, int64_t columns);
// out = a with elements dropped, survivors divided by 1 - p; a and out are contiguous. Element i
// uses word (first + i) mod 4 of counter (first + i) / 4.
void lr_dropout(lr_view a, float p, uint64_t key, int64_t first, lr_view out, int64_t count);
