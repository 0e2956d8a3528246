#pragma once
#include "lr_view.h"

typedef enum {
  LR_GELU = 0, LR_GELU_TANH = 1, LR_SILU = 2, LR_RELU = 3, LR_TANH = 4, LR_SOFTPLUS = 5
} lr_function;

// out = f(x), times other unless other.data is null
void lr_activation(lr_function f, lr_view x, lr_view other, lr_view out, int64_t rows,
                   int64_t columns);
// dx = f'(x) · d_out, times other where gated; d_other = f(x) · d_out where gated
void lr_activation_backward(lr_function f, lr_view x, lr_view other, lr_view d_out, lr_view dx,
                            lr_view d_other, int64_t rows, int64_t columns);
