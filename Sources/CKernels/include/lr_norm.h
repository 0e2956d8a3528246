#pragma once
#include "lr_view.h"

typedef enum { LR_NORM_LAYER = 0, LR_NORM_RMS = 1, LR_NORM_RMS_ONE = 2 } lr_norm_kind;

// sum = x + delta; normalized = (sum - mean) · inverse[i]; out = normalized · weight + bias, where
// LR_NORM_RMS_ONE takes 1 + weight for the weight.
// delta.data may be null, and then sum is not written; bias, normalized.data, inverse may be null.
void lr_norm(lr_norm_kind kind, lr_view x, lr_view delta, lr_view sum, const float *weight,
             const float *bias, float epsilon, lr_view out, lr_view normalized, float *inverse,
             int64_t rows, int64_t columns);

// d_sum = the gradient of the sum, plus flowing unless flowing.data is null; copied to d_delta
// unless that is null. d_weight and d_bias may be null; partials holds 2 · lr_row_blocks(rows) ·
// columns then.
void lr_norm_backward(lr_norm_kind kind, lr_view d_out, lr_view flowing, lr_view normalized,
                      const float *inverse, const float *weight, lr_view d_sum, lr_view d_delta,
                      float *partials, float *d_weight, float *d_bias, int64_t rows,
                      int64_t columns);
