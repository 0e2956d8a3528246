#include "lr_few.h"

#include <string.h>

#include "product.h"
#include "unpack_blocks.h"

#pragma clang fp contract(fast)

// Units take so many rows of the weight: bytes enough for the processor to read ahead, since what a unit asks for beyond its end
// is read twice. Of long rows they take a chunk at a time, so that all rows of x stay in the cache.
typedef struct {
  const lr_few *f;
  int64_t rows, chunk;
  const float *packed;        // more than four rows of x, chunk after chunk
  int64_t few;                // their number with rows of zeros, so that blocks are whole
} lr_few_cut;

enum { UNIT_BYTES = 1 << 18, UNITS_A_THREAD = 4, CHUNK = 8192, BLOCKED_CHUNK = 1024 };

// Where a row of the weight has a column, the first of a block.
#define LR_FEW_AT(f, at, first, COUNT, BYTES)                                                      \
  ((const uint8_t *)f->b.data + (f->b.row + (at)) * f->b.row_bytes +                               \
   (f->b.column + first) * BYTES / COUNT)
// F(a, b, lane) for each lane, apart by commas.
#define EACH_OF_8(F, a, b)                                                                         \
  F(a, b, 0), F(a, b, 1), F(a, b, 2), F(a, b, 3), F(a, b, 4), F(a, b, 5), F(a, b, 6), F(a, b, 7)
#define EACH_OF_16(F, a, b)                                                                        \
  EACH_OF_8(F, a, b), F(a, b, 8), F(a, b, 9), F(a, b, 10), F(a, b, 11), F(a, b, 12), F(a, b, 13),  \
      F(a, b, 14), F(a, b, 15)

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)
#define LR(name) name##_v4
#define LANES 16
#define EACH_LANE EACH_OF_16
#define FIFTHS(b) (bytes) _mm_maskz_set1_epi8(AT(uint16_t, b), 16)
#define HALF(b) _mm_cvtss_f32(_mm_cvtph_ps(_mm_loadu_si16(b)))
#define HALVES(b) (lanes) _mm512_cvtph_ps(_mm256_loadu_si256((const void *)(b)))
#include "few_body.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LR(name) name##_v3
#define LANES 8
#define EACH_LANE EACH_OF_8
#define FIFTHS(b) ((bytes)((*(b) & (bytes){1, 2, 4, 8, 16, 32, 64, 128}) != 0) & 16)
#define HALF(b) _mm_cvtss_f32(_mm_cvtph_ps(_mm_loadu_si16(b)))
#define HALVES(b) (lanes) _mm256_cvtph_ps(_mm_loadu_si128((const void *)(b)))
#include "few_body.h"
#pragma clang attribute pop
#endif

// Eight halves of floats on any processor, at `all`.
LR_INLINE const float *halves(const uint8_t *b, float *all) {
  for (int l = 0; l < 8; l++) all[l] = lr_half(b + 2 * l);
  return all;
}

#define LR(name) name##_plain
#define LANES 8
#define EACH_LANE EACH_OF_8
#define FIFTHS(b) ((bytes)((*(b) & (bytes){1, 2, 4, 8, 16, 32, 64, 128}) != 0) & 16)
#define HALF(b) lr_half(b)
#define HALVES(b) AT(lanes, halves(b, (float[8]){0}))
#include "few_body.h"

static void (*unit_of(const lr_few *f))(void *, int64_t) {
#if defined(__x86_64__)
  if (f->most >= LR_AVX512 && lr_has_products(LR_AVX512)) return unit_of_v4(f);
  if (f->most >= LR_AVX2 && lr_has_products(LR_AVX2)) return unit_of_v3(f);
#endif
  return unit_of_plain(f);
}

// Rows of x as blocks read them: of each chunk of columns one row after the other, then zeros.
static void pack_rows(const lr_few *f, int64_t few, float *to) {
  for (int64_t first = 0; first < f->k; first += BLOCKED_CHUNK) {
    int64_t count = lr_least(BLOCKED_CHUNK, f->k - first);
    for (int64_t i = 0; i < few; i++, to += count)
      if (i < f->few) memcpy(to, f->x + i * f->x_stride + first, (size_t)count * sizeof *to);
      else memset(to, 0, (size_t)count * sizeof *to);
  }
}

void lr_multiply_few(const lr_few *f) {
  int64_t units = UNITS_A_THREAD * lr_threads();
  int64_t rows = lr_least(UNIT_BYTES / f->b.row_bytes, (f->n + units - 1) / units);
  lr_few_cut cut = {.f = f, .rows = lr_rounded(rows < 1 ? 1 : rows, 4),
                    .chunk = f->few > 2 ? CHUNK / f->few : f->k};
  if (f->few > 4) {
    cut.few = lr_rounded(f->few, 4);
    float *packed = lr_scratch(LR_SCRATCH_REGION, (size_t)(cut.few * f->k) * sizeof *packed);
    pack_rows(f, cut.few, packed);
    cut.packed = packed;
  }
  lr_parallel((f->n + cut.rows - 1) / cut.rows, unit_of(f), &cut);
}
