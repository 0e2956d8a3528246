#pragma once
#include <stdint.h>
#include <string.h>

#include "lr_kernel.h"

// One function for each packed type of GGML: a block of bytes to floats. A product and the sum after it are rounded one
// after the other, as the reference (gguf of PyPI) does it: bits are equal.
#pragma clang fp contract(off)

// The value of half a float, subnormal numbers too.
LR_INLINE float lr_half_of(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = (uint32_t)(half & 0x7fff) << 13;
  uint32_t exponent = magnitude & 0x0f800000u;
  float small = lr_from_bits(magnitude + (113u << 23)) - lr_from_bits(113u << 23);
  uint32_t bits = exponent == 0            ? lr_bits(small)
                  : exponent == 0x0f800000u ? magnitude + (224u << 23)
                                            : magnitude + (112u << 23);
  return lr_from_bits(sign | bits);
}

LR_INLINE float lr_half(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, 2);
  return lr_half_of(half);
}

// UNIT(name, elements, bytes) for the blocks of each type but F16, whose rows are of any length.
#define LR_EACH_BLOCK(UNIT)                                                                        \
  UNIT(q4_0, 32, 18)                                                                               \
  UNIT(q4_1, 32, 20)                                                                               \
  UNIT(q5_0, 32, 22)                                                                               \
  UNIT(q5_1, 32, 24)                                                                               \
  UNIT(q8_0, 32, 34)                                                                               \
  UNIT(q2_k, 256, 84)                                                                              \
  UNIT(q3_k, 256, 110)                                                                             \
  UNIT(q4_k, 256, 144)                                                                             \
  UNIT(q5_k, 256, 176)                                                                             \
  UNIT(q6_k, 256, 210)                                                                             \
  UNIT(iq4_nl, 32, 18)

// UNIT(name) of every packed type, by its number.
#define LR_UNITS_BY_TYPE(UNIT)                                                                     \
  {                                                                                                \
      [LR_F16] = UNIT(f16),   [LR_Q4_0] = UNIT(q4_0), [LR_Q4_1] = UNIT(q4_1),                      \
      [LR_Q5_0] = UNIT(q5_0), [LR_Q5_1] = UNIT(q5_1), [LR_Q8_0] = UNIT(q8_0),                      \
      [LR_Q2_K] = UNIT(q2_k), [LR_Q3_K] = UNIT(q3_k), [LR_Q4_K] = UNIT(q4_k),                      \
      [LR_Q5_K] = UNIT(q5_k), [LR_Q6_K] = UNIT(q6_k), [LR_IQ4_NL] = UNIT(iq4_nl),                  \
  }

LR_INLINE void q4_0(const uint8_t *b, float *y) {
  float d = lr_half(b);
  for (int j = 0; j < 16; j++) {
    y[j] = d * (float)((b[2 + j] & 15) - 8);
    y[j + 16] = d * (float)((b[2 + j] >> 4) - 8);
  }
}

LR_INLINE void q4_1(const uint8_t *b, float *y) {
  float d = lr_half(b), m = lr_half(b + 2);
  for (int j = 0; j < 16; j++) {
    y[j] = d * (float)(b[4 + j] & 15) + m;
    y[j + 16] = d * (float)(b[4 + j] >> 4) + m;
  }
}

// The fifth bits of 32 elements, one a byte.
LR_INLINE void fifth_bits(const uint8_t *b, uint8_t *high) {
  uint32_t bits;
  memcpy(&bits, b, 4);
  for (int j = 0; j < 32; j++) high[j] = (uint8_t)((bits >> j & 1) << 4);
}

LR_INLINE void q5_0(const uint8_t *b, float *y) {
  float d = lr_half(b);
  uint8_t high[32];
  fifth_bits(b + 2, high);
  for (int j = 0; j < 16; j++) {
    y[j] = d * (float)(((b[6 + j] & 15) | high[j]) - 16);
    y[j + 16] = d * (float)(((b[6 + j] >> 4) | high[j + 16]) - 16);
  }
}

LR_INLINE void q5_1(const uint8_t *b, float *y) {
  float d = lr_half(b), m = lr_half(b + 2);
  uint8_t high[32];
  fifth_bits(b + 4, high);
  for (int j = 0; j < 16; j++) {
    y[j] = d * (float)((b[8 + j] & 15) | high[j]) + m;
    y[j + 16] = d * (float)((b[8 + j] >> 4) | high[j + 16]) + m;
  }
}

LR_INLINE void q8_0(const uint8_t *b, float *y) {
  float d = lr_half(b);
  for (int j = 0; j < 32; j++) y[j] = d * (float)(int8_t)b[2 + j];
}

// 16 scales and minima of 4 bits, 64 bytes of four elements, the scales of both.
LR_INLINE void q2_k(const uint8_t *b, float *y) {
  const uint8_t *scales = b, *q = b + 16;
  float d = lr_half(b + 80), m = lr_half(b + 82);
  float steps[16], least[16];
  for (int i = 0; i < 16; i++) {
    steps[i] = d * (float)(scales[i] & 15);
    least[i] = m * (float)(scales[i] >> 4);
  }
  for (int group = 0; group < 16; group++) {
    const uint8_t *from = q + group / 8 * 32 + group % 2 * 16;
    int shift = group % 8 / 2 * 2;
    for (int j = 0; j < 16; j++)
      y[16 * group + j] = steps[group] * (float)(from[j] >> shift & 3) - least[group];
  }
}

// 32 bytes of third bits, 64 of four elements, 16 scales of 6 bits: four of the low bits of two, then the high bits.
LR_INLINE void q3_k(const uint8_t *b, float *y) {
  const uint8_t *high = b, *q = b + 32, *scales = b + 96;
  float d = lr_half(b + 108);
  for (int group = 0; group < 16; group++) {
    int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
    int scale = low | (scales[8 + group % 4] >> group / 4 * 2 & 3) << 4;
    float step = d * (float)(scale - 32);
    const uint8_t *from = q + group / 8 * 32 + group % 2 * 16, *bit = high + group % 2 * 16;
    int shift = group % 8 / 2 * 2, place = group / 2;
    for (int j = 0; j < 16; j++)
      y[16 * group + j] = step * (float)((from[j] >> shift & 3) - 4 + 4 * (bit[j] >> place & 1));
  }
}

// Eight scales, then eight minima, of 6 bits in 12 bytes.
LR_INLINE void lr_six_bits(const uint8_t *b, uint8_t *six) {
  uint32_t in[3], out[4];
  memcpy(in, b, sizeof in);
  out[0] = in[0] & 0x3f3f3f3f;
  out[1] = (in[2] & 0x0f0f0f0f) | (in[0] >> 6 & 0x03030303) << 4;
  out[2] = in[1] & 0x3f3f3f3f;
  out[3] = (in[2] >> 4 & 0x0f0f0f0f) | (in[1] >> 6 & 0x03030303) << 4;
  memcpy(six, out, sizeof out);
}

LR_INLINE void q4_k(const uint8_t *b, float *y) {
  float d = lr_half(b), m = lr_half(b + 2);
  uint8_t six[16], *scales = six, *minima = six + 8;
  lr_six_bits(b + 4, six);
  for (int pair = 0; pair < 4; pair++) {
    const uint8_t *q = b + 16 + 32 * pair;
    float low = d * (float)scales[2 * pair], high = d * (float)scales[2 * pair + 1];
    float low_least = m * (float)minima[2 * pair], high_least = m * (float)minima[2 * pair + 1];
    for (int j = 0; j < 32; j++) y[64 * pair + j] = low * (float)(q[j] & 15) - low_least;
    for (int j = 0; j < 32; j++) y[64 * pair + 32 + j] = high * (float)(q[j] >> 4) - high_least;
  }
}

LR_INLINE void q5_k(const uint8_t *b, float *y) {
  float d = lr_half(b), m = lr_half(b + 2);
  uint8_t six[16], *scales = six, *minima = six + 8;
  lr_six_bits(b + 4, six);
  const uint8_t *fifth = b + 16;
  for (int pair = 0; pair < 4; pair++) {
    const uint8_t *q = b + 48 + 32 * pair;
    float low = d * (float)scales[2 * pair], high = d * (float)scales[2 * pair + 1];
    float low_least = m * (float)minima[2 * pair], high_least = m * (float)minima[2 * pair + 1];
    for (int j = 0; j < 32; j++)
      y[64 * pair + j] =
          low * (float)((q[j] & 15) | (fifth[j] >> 2 * pair & 1) << 4) - low_least;
    for (int j = 0; j < 32; j++)
      y[64 * pair + 32 + j] =
          high * (float)(q[j] >> 4 | (fifth[j] >> (2 * pair + 1) & 1) << 4) - high_least;
  }
}

// 128 bytes of two low halves, 64 of four times two high bits, 16 scales of 8 bits, the scale of these.
LR_INLINE void q6_k(const uint8_t *b, float *y) {
  float d = lr_half(b + 208);
  for (int group = 0; group < 8; group++) {
    const uint8_t *low = b + group / 4 * 64 + group % 2 * 32, *high = b + 128 + group / 4 * 32;
    const int8_t *scales = (const int8_t *)b + 192 + 2 * group;
    int low_shift = group % 4 / 2 * 4, shift = group % 4 * 2;
    for (int half = 0; half < 2; half++) {
      float scale = d * (float)scales[half];
      for (int j = 16 * half; j < 16 * half + 16; j++)
        y[32 * group + j] =
            scale * (float)(((low[j] >> low_shift & 15) | (high[j] >> shift & 3) << 4) - 32);
    }
  }
}

LR_INLINE void iq4_nl(const uint8_t *b, float *y) {
  static const float values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                   1,    13,   25,  38,  53,  69,  89,  113};
  float d = lr_half(b);
  for (int j = 0; j < 16; j++) {
    y[j] = d * values[b[2 + j] & 15];
    y[j + 16] = d * values[b[2 + j] >> 4];
  }
}
