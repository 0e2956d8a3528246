#pragma once

#include <stdint.h>

#include "lr_functions.h"
#include "lr_kernel.h"

// The largest of some logits and of `top`; NaN never is.
LR_INLINE float lr_largest(const float *x, int64_t count, float top) {
  // Lanes by hand: a maximum is no reduction to the compiler as long as NaN exists.
  float lanes[16];
  for (int j = 0; j < 16; j++) lanes[j] = top;
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 16; j++) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  for (; i < count; i++) lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
  for (int j = 0; j < 16; j++) top = lanes[j] > top ? lanes[j] : top;
  return top;
}

// to = exp(x - top), which may be x itself, and the sum of that.
LR_INLINE float lr_exponentials(const float *x, float top, int64_t count, float *to) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) {
    float e = lr_exp_below_zero(x[i] - top);
    to[i] = e;
    sum += e;
  }
  return sum;
}
