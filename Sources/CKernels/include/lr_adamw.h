#pragma once
#include <stdint.h>

// m = β₁ m + (1 - β₁) g, v = β₂ v + (1 - β₂) g², w = w · keep - step · m / (√v · root + ε), where
// g is the gradient times gradient_scale.
typedef struct {
  float beta1, beta2, epsilon, keep, step, root, gradient_scale;
} lr_adamw_step;

void lr_adamw(const lr_adamw_step *step, const float *gradient, float *value, float *first,
              float *second, int64_t count);
