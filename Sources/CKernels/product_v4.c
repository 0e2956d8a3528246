#include "product.h"

// Products of f32 with AVX-512.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR_MM(operation) _mm512_##operation
#define LR_WORDS 16
#define LR_TURN lr_transpose_16

typedef __m512 lr_sums;

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

#define LR(name) name##_v4
#define LR_VECTORS 4
#include "product_f32.h"

// Factors of a few columns.
#define LR(name) name##_v4_narrow
#define LR_VECTORS 1
#include "product_f32.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v4 = {
    .unit = unit_v4, .width = WIDTH_v4, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
const lr_product_kernel lr_product_v4_narrow = {
    .unit = unit_v4_narrow, .width = WIDTH_v4_narrow, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
#endif
