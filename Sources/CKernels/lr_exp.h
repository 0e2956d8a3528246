#pragma once
#include <stdint.h>

// Exponentials as polynomials, for loops the compiler is to vectorise: libm's are calls, one
// element each. Products and sums are written so that they contract to fused operations where those
// exist.

static inline uint32_t lr_bits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float lr_from_bits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

#define LR_LOG2_E 1.442695041f

// Added and subtracted, rounds a float of small magnitude to an integer, which then stands in its
// low bits.
#define LR_ROUND_MAGIC 12582912.0f

// Minimax coefficients of 2^f: degree 6 on [-1/2, 1/2], relative error 2e-9; degree 4 on [0, 1],
// 3e-6.
#define LR_EXP2_6(f)                                                                              \
  ((((((1.534581243e-4f * (f) + 1.339993090e-3f) * (f) + 9.618489072e-3f) * (f) +                 \
      5.550328642e-2f) * (f) + 2.402264625e-1f) * (f) + 6.931471825e-1f) * (f) + 1.0f)
#define LR_EXP2_4(f)                                                                              \
  ((((1.353416778e-2f * (f) + 5.201186612e-2f) * (f) + 2.414427549e-1f) * (f) +                   \
    6.930038333e-1f) * (f) + 1.0000026226f)

// e^x as p · 2^n: p is returned, n stands in the low bits of *shifted.
static inline __attribute__((always_inline)) float lr_exp_parts(float x, float *shifted) {
  *shifted = x * LR_LOG2_E + LR_ROUND_MAGIC;
  float n = *shifted - LR_ROUND_MAGIC;
  // ln 2 in two parts, so that x - n ln 2 loses nothing.
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.383684576e-3f * r + 8.374815807e-3f;
  p = p * r + 4.166822508e-2f;
  p = p * r + 1.666641980e-1f;
  p = p * r + 4.999999106e-1f;
  p = p * r + 1.0f;
  return p * r + 1.0f;
}

// e^x to 2 units in the last place over the whole range: 0 below, infinity above, NaN through.
static inline __attribute__((always_inline)) float lr_exp(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  float shifted, p = lr_exp_parts(x, &shifted);
  // 2^n in two factors: n reaches 128 and -150, where one factor has no exponent.
  int32_t whole = (int32_t)(lr_bits(shifted) - lr_bits(LR_ROUND_MAGIC));
  int32_t half = whole >> 1;
  return p * lr_from_bits((uint32_t)(half + 127) << 23) *
         lr_from_bits((uint32_t)(whole - half + 127) << 23);
}

// e^x from -86 to 88, where one exponent is enough: n goes straight into that of p, which takes two
// thirds of lr_exp's time.
static inline __attribute__((always_inline)) float lr_exp_inside(float x) {
  float shifted, p = lr_exp_parts(x, &shifted);
  return lr_from_bits(lr_bits(p) + (lr_bits(shifted) << 23));
}

// e^x for x up to 0; zero below -86, where it is less than 1e-37.
static inline __attribute__((always_inline)) float lr_exp_below_zero(float x) {
  return x < -86.0f ? 0.0f : lr_exp_inside(x);
}
