#include "product.h"

// Products of f32 with AVX2.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR_MM(operation) _mm256_##operation
#define LR_WORDS 8
#define LR_TURN lr_transpose_8

typedef __m256 lr_sums;

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)

#define LR(name) name##_v3
#define LR_VECTORS 2
#include "product_f32.h"

// Factors of a few columns.
#define LR(name) name##_v3_narrow
#define LR_VECTORS 1
#include "product_f32.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v3 = {
    .unit = unit_v3, .width = WIDTH_v3, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
const lr_product_kernel lr_product_v3_narrow = {
    .unit = unit_v3_narrow, .width = WIDTH_v3_narrow, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
#endif
