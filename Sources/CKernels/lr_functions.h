#pragma once
#include "lr_exp.h"

// Nonlinearities without calls or branches, value and derivative, for loops that the compiler
// vectorises.

typedef struct {
  float value, slope;
} lr_pair;

static inline __attribute__((always_inline)) float lr_sigmoid(float x) {
  float y = -x < -86.0f ? -86.0f : -x;
  y = y > 88.0f ? 88.0f : y;
  return 1.0f / (1.0f + lr_exp_inside(y));
}

// GELU from the normal distribution, Φ(-z√2) = e^(-z²) · erfcx(z) / 2: one exponential serves value
// and slope, and the small tail keeps its relative accuracy. erfcx is a polynomial in t = 1/(1 +
// 0.35 z), fitted on 0 ... 9.5 with a relative error of 7e-9; beyond, the exponential is zero.
static inline __attribute__((always_inline)) lr_pair lr_gelu(float x) {
  float z = __builtin_fabsf(x) * 0.70710678f;
  float t = 1.0f / (1.0f + 0.35f * z);
  float p = 3.760750637e-2f * t - 1.544679850e-1f;
  p = p * t + 1.705675870e-1f;
  p = p * t - 1.255652588e-2f;
  p = p * t + 7.382174581e-2f;
  p = p * t + 1.534980536e-1f;
  p = p * t + 1.484588236e-1f;
  p = p * t + 1.885243654e-1f;
  p = p * t + 1.970582157e-1f;
  p = p * t + 1.974882185e-1f;
  float density = lr_exp_below_zero(-0.5f * x * x);
  float tail = 0.5f * p * t * density;
  float below = x < 0 ? tail : 1.0f - tail;
  return (lr_pair){x * below, below + x * 0.39894228f * density};
}

// x · sigmoid(2u) with u = √(2/π) (x + 0.044715 x³), which is x/2 · (1 + tanh u).
static inline __attribute__((always_inline)) lr_pair lr_gelu_tanh(float x) {
  float square = x * x;
  float s = lr_sigmoid(1.5957691216f * x * (1.0f + 0.044715f * square));
  return (lr_pair){x * s, s + x * s * (1.0f - s) * 1.5957691216f * (1.0f + 0.134145f * square)};
}

static inline __attribute__((always_inline)) lr_pair lr_silu(float x) {
  float s = lr_sigmoid(x);
  return (lr_pair){x * s, s * (1.0f + x * (1.0f - s))};
}

static inline __attribute__((always_inline)) lr_pair lr_relu(float x) {
  return (lr_pair){x > 0 ? x : 0.0f, x > 0 ? 1.0f : 0.0f};
}

// With e = e^(-2|x|): (1 - e)/(1 + e), an odd polynomial near zero where that cancels, and the
// slope 4e/(1 + e)², which unlike 1 - tanh² keeps its relative accuracy far out.
static inline __attribute__((always_inline)) lr_pair lr_tanh(float x) {
  float size = __builtin_fabsf(x), square = x * x;
  float p = -5.468268413e-3f * square + 2.041519433e-2f;
  p = p * square - 5.366528034e-2f;
  p = p * square + 1.333041489e-1f;
  p = p * square - 3.333323002e-1f;
  float near = p * square * x + x;
  float e = lr_exp_below_zero(-2.0f * size), part = 1.0f / (1.0f + e);
  float far = __builtin_copysignf((1.0f - e) * part, x);
  return (lr_pair){size < 0.625f ? near : far, 4.0f * e * part * part};
}

// max(x, 0) + log(1 + e) with e = e^(-|x|), the logarithm as 2 artanh(e / (2 + e)), whose argument is
// at most 1/3.
static inline __attribute__((always_inline)) lr_pair lr_softplus(float x) {
  float e = lr_exp_below_zero(-__builtin_fabsf(x)), t = e / (2.0f + e), square = t * t;
  float p = square * (1.0f / 13.0f) + 1.0f / 11.0f;
  p = p * square + 1.0f / 9.0f;
  p = p * square + 1.0f / 7.0f;
  p = p * square + 0.2f;
  p = p * square + 1.0f / 3.0f;
  float part = 1.0f / (1.0f + e);
  return (lr_pair){(x > 0 ? x : 0.0f) + 2.0f * t * (p * square + 1.0f), x > 0 ? part : e * part};
}
