#include "product.h"

// Products of bf16 in tiles (AMX): 16 rows of sums by 16 columns, from 32 terms at a time.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR_WORDS 16
#define LR_STEP 2
#define LR_TILE_OF 16
#define LR_ROWS 32
#define LR_ROWS_TOGETHER 16
#define LR_TERMS_TOGETHER 32

// Eight tiles of 16 rows of 64 bytes.
static const struct {
  uint8_t palette, start, unused[14];
  uint16_t bytes[16];
  uint8_t rows[16];
} __attribute__((packed, aligned(64))) tiles = {
    .palette = 1, .bytes = {64, 64, 64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16"))), apply_to = function)

#define LR(name) name##_amx
#define LR_VECTORS 2

// A panel is a row of pairs of tiles, each 16 words by 16 columns and in one piece.
enum { WIDTH_amx = 32, ROW_amx = 16, TILE = 1024 };

LR_INLINE int64_t place_amx(int64_t row, int64_t column) {
  return row / 16 * 512 + column / 16 * 256 + row % 16 * 16 + column % 16;
}

// Tiles 0 to 3 hold the sums of 32 rows by 32 columns, 4 and 5 the rows, 6 and 7 the columns.
static void tiles_amx(int64_t rows, const char *a, int64_t a_bytes, const char *panel, int64_t words,
                      float *sums, int64_t stride, int begins) {
  const int64_t sum_bytes = 4 * stride;
  if (begins) {
    _tile_zero(0), _tile_zero(1);
  } else {
    _tile_loadd(0, sums, sum_bytes), _tile_loadd(1, sums + 16, sum_bytes);
  }
  if (rows <= 16) {
    for (int64_t t = 0; t < words; t += 16, panel += 2 * TILE) {
      _tile_loadd(4, a + 4 * t, a_bytes);
      _tile_stream_loadd(6, panel, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_stream_loadd(7, panel + TILE, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
  } else {
    const char *below = a + 16 * a_bytes;
    float *rest = sums + 16 * stride;
    if (begins) {
      _tile_zero(2), _tile_zero(3);
    } else {
      _tile_loadd(2, rest, sum_bytes), _tile_loadd(3, rest + 16, sum_bytes);
    }
    for (int64_t t = 0; t < words; t += 16, panel += 2 * TILE) {
      _tile_loadd(4, a + 4 * t, a_bytes);
      _tile_stream_loadd(6, panel, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_stream_loadd(7, panel + TILE, 64);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, below + 4 * t, a_bytes);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(2, rest, sum_bytes), _tile_stored(3, rest + 16, sum_bytes);
  }
  _tile_stored(0, sums, sum_bytes), _tile_stored(1, sums + 16, sum_bytes);
}

#include "product_words_bf16.h"

// The state of tiles is saved at every switch of threads, so they are in use for a unit only.
static void tiled_unit(void *cut, int64_t unit) {
  _tile_loadconfig(&tiles);
  unit_amx(cut, unit);
  _tile_release();
}

#pragma clang attribute pop

const lr_product_kernel lr_product_amx = {
    .unit = tiled_unit, .width = WIDTH_amx, .step = LR_STEP, .whole = 1, .rows = LR_ROWS, .fewest = 4};
#endif
