#include "product.h"

// Products of f32 with AVX-512.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_v4
#define LR_MM(operation) _mm512_##operation
#define LR_VECTORS 4
#define LR_WORDS 16

typedef __m512 lr_sums;

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_16(from, bytes, to, stride);
}

#include "product_f32.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v4 = {
    .unit = LR(unit), .width = LR(WIDTH), .step = LR_STEP};
#endif
