#include "product.h"

// Products of f32 with AVX2.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_v3
#define LR_MM(operation) _mm256_##operation
#define LR_VECTORS 2
#define LR_WORDS 8

typedef __m256 lr_sums;

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_8(from, bytes, to, stride);
}

#include "product_f32.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v3 = {
    .unit = LR(unit), .width = LR(WIDTH), .step = LR_STEP};
#endif
