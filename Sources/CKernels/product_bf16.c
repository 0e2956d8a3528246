#include "product.h"

// Products of bf16 with AVX-512 BF16: a word is a pair of terms.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR_WORDS 16
#define LR_STEP 2
#define LR_TILE_OF 16
#define LR_ZERO _mm512_setzero_ps()
#define LR_LOAD(p) _mm512_loadu_ps(p)
#define LR_STORE(p, v) _mm512_storeu_ps(p, v)
#define LR_WORD_AT(p) ((lr_words)_mm512_load_si512(p))
#define LR_WORD(p) ((lr_words)_mm512_set1_epi32(*(const lr_unaligned *)(p)))
#define LR_ADD(s, b, w) _mm512_dpbf16_ps(s, b, w)

typedef __m512 lr_sums;
typedef __m512bh lr_words;
typedef int32_t __attribute__((aligned(1), may_alias)) lr_unaligned;

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)

#define LR(name) name##_bf16
#define LR_VECTORS 4
#include "product_vectors.h"
#include "product_words_bf16.h"

// Factors of a few columns.
#define LR(name) name##_bf16_narrow
#define LR_VECTORS 1
#include "product_vectors.h"
#include "product_words_bf16.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_bf16 = {
    .unit = unit_bf16, .width = WIDTH_bf16, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
const lr_product_kernel lr_product_bf16_narrow = {
    .unit = unit_bf16_narrow, .width = WIDTH_bf16_narrow, .step = LR_STEP, .whole = LR_STEP, .rows = LR_ROWS, .fewest = 1};
#endif
