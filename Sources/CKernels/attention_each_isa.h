// Includes LR_BODY once per instruction set, best first, with LR(name) naming that set's version,
// LR_BYTES its vector, LR_COLUMNS the vectors across a register tile and LR_PAIRS whether bf16
// products are native. Function attributes and not target_clones, because the tile's shape itself
// depends on the registers.
#include "attention_ahead.h"
#include "attention_plan.h"
#include "lr_exp.h"
#include "lr_product.h"
#include "lr_scratch.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LR(name) name##_bf16
#define LR_BYTES 64
#define LR_COLUMNS 4
#define LR_PAIRS 1
// x86-64-v4 does not contain avx512bf16.
#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)
#include LR_BODY
#pragma clang attribute pop
#undef LR
#undef LR_PAIRS
#define LR_PAIRS 0

#define LR(name) name##_v4
#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)
#include LR_BODY
#pragma clang attribute pop
#undef LR
#undef LR_BYTES
#undef LR_COLUMNS

#define LR(name) name##_v3
#define LR_BYTES 32
#define LR_COLUMNS 2
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#include LR_BODY
#pragma clang attribute pop
#undef LR
#undef LR_BYTES
#undef LR_COLUMNS
#else
#define LR_PAIRS 0
#endif

#define LR(name) name##_base
#define LR_BYTES 16
#if defined(__aarch64__)
#define LR_COLUMNS 4  // thirty-two registers
#else
#define LR_COLUMNS 2
#endif
#include LR_BODY
#undef LR
#undef LR_BYTES
#undef LR_COLUMNS
#undef LR_PAIRS

// The best version of `function` that this processor runs.
#if defined(__x86_64__)
#define LR_PICK(type, function)                                                               \
  (!__builtin_cpu_supports("x86-64-v3")                                    ? function##_base  \
   : !__builtin_cpu_supports("x86-64-v4")                                  ? function##_v3    \
   : (type) != LR_BF16 || !__builtin_cpu_supports("avx512bf16") ||                            \
             lr_fastest_products() != LR_AVX512_BF16                        ? function##_v4    \
                                                                           : function##_bf16)
#else
#define LR_PICK(type, function) function##_base
#endif
