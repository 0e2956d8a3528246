// Conversions between rows as they lie in memory and the operands of attention_tile.h, padded with zeros.

// Columns at ..< at + LANES of a row of `count` numbers, as floats; zero past its end.
INLINE VEC LR(load_row)(lr_type type, const void *row, int64_t at, int64_t count) {
  if (type == LR_F32) {
    const float *p = (const float *)row + at;
    if (at + LANES <= count) return LR(load)(p);
    float part[LANES] = {0};
    for (int64_t i = 0; at + i < count; i++) part[i] = p[i];
    return LR(load)(part);
  }
  const uint16_t *p = (const uint16_t *)row + at;
  HVEC half;
  if (at + LANES <= count) {
    __builtin_memcpy(&half, p, sizeof half);
  } else {
    uint16_t part[LANES] = {0};
    for (int64_t i = 0; at + i < count; i++) part[i] = p[i];
    __builtin_memcpy(&half, part, sizeof half);
  }
  return (VEC)(__builtin_convertvector(half, IVEC) << 16);
}

INLINE HVEC LR(to_bf16)(VEC v) {
#if LR_PAIRS
  __m256bh half = _mm512_cvtneps_pbh((__m512)v);
  HVEC result;
  __builtin_memcpy(&result, &half, sizeof result);
  return result;
#else
  // To the nearest, ties to even; a NaN, whose payload rounding could carry away, stays one.
  IVEC bits = (IVEC)v;
  IVEC rounded = bits + 0x7fff + ((bits >> 16) & 1);
  rounded = v != v ? (bits | 0x400000) : rounded;
  return __builtin_convertvector(rounded >> 16, HVEC);
#endif
}

INLINE void LR(store_row)(lr_type type, void *row, int64_t at, int64_t count, VEC v) {
  int64_t fit = lr_min(LANES, count - at);
  if (type == LR_F32) {
    float *p = (float *)row + at;
    if (fit == LANES)
      LR(store)(p, v);
    else
      for (int64_t i = 0; i < fit; i++) p[i] = v[i];
  } else {
    uint16_t *p = (uint16_t *)row + at;
    HVEC half = LR(to_bf16)(v);
    if (fit == LANES)
      __builtin_memcpy(p, &half, sizeof half);
    else
      for (int64_t i = 0; i < fit; i++) p[i] = half[i];
  }
}

INLINE float LR(sum_lanes)(VEC v) {
  float part[LANES];
  LR(store)(part, v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

// words[i, :] = row i, `width` words each: operand A by rows.
static void LR(pack_rows)(lr_type type, const void *source, int64_t stride, int64_t rows,
                          int64_t size, uint32_t *words, int64_t width) {
  for (int64_t i = 0; i < rows; i++) {
    const void *row = lr_at(type, source, i * stride);
    uint32_t *line = words + i * width;
#if LR_PAIRS
    int64_t at = 0;
    for (; at + LANES <= size / 2; at += LANES)
      LR(store)(line + at, LR(load)((const uint32_t *)row + at));
    if (at == width) continue;
    __builtin_memset(line + at, 0, (size_t)(width - at) * 4);
    __builtin_memcpy(line + at, (const uint32_t *)row + at, (size_t)(size - 2 * at) * 2);
#else
    for (int64_t at = 0; at < width; at += LANES)
      LR(store_row)(LR_F32, line, at, width, LR(load_row)(type, row, at, size));
#endif
  }
}

// words[w, j] = word w of row j, and zero up to `width` columns: operand B of products over the head's size.
// `rows_by` is room for LANES rows of `words_per_row` rounded up to LANES.
static void LR(pack_columns)(lr_type type, const void *source, int64_t stride, int64_t rows,
                             int64_t size, int64_t words_per_row, uint32_t *words, int64_t width,
                             uint32_t *rows_by) {
  int64_t padded = lr_round_up(words_per_row, LANES);
  int direct = (LR_PAIRS || type == LR_F32) && size == padded * PER_WORD;
  for (int64_t j = 0; j < width; j += LANES) {
    int64_t here = lr_clip(0, rows - j, LANES).end;
    const uint32_t *from = lr_at(type, source, here ? j * stride : 0);
    int64_t apart = stride;  // in halves of a word or in words
    if (!direct || here < LANES) {
      LR(pack_rows)(type, from, stride, here, size, rows_by, padded);
      __builtin_memset(rows_by + here * padded, 0, (size_t)((LANES - here) * padded) * 4);
      from = rows_by;
      apart = padded * PER_WORD;
    }
    for (int64_t w = 0; w < words_per_row; w += LANES) {
      VEC square[LANES];
#pragma clang loop unroll(full)
      for (int i = 0; i < LANES; i++) square[i] = LR(load)((const char *)(from + w) + i * apart * 4 / PER_WORD);
      LR(transpose)(square);
      int64_t lines = lr_min(LANES, words_per_row - w);
      if (lines == LANES) {
#pragma clang loop unroll(full)
        for (int i = 0; i < LANES; i++) LR(store)(words + (w + i) * width + j, square[i]);
      } else {
        for (int64_t i = 0; i < lines; i++) LR(store)(words + (w + i) * width + j, square[i]);
      }
    }
  }
}

// Operand B of sums over rows: words[i, :] = row i, or rows 2 i and 2 i + 1 interleaved as pairs; `width`
// columns, zero past the row's size and past the last row of an odd number.
static void LR(pack_lines)(lr_type type, const void *source, int64_t stride, int64_t rows,
                           int64_t size, uint32_t *words, int64_t width) {
#if LR_PAIRS
  for (int64_t i = 0; i < rows; i += 2) {
    const uint16_t *even = lr_at(type, source, i * stride), *odd = even + stride;
    uint32_t *line = words + i / 2 * width;
    if (i + 1 < rows)
      for (int64_t x = 0; x < size; x++) line[x] = even[x] | (uint32_t)odd[x] << 16;
    else
      for (int64_t x = 0; x < size; x++) line[x] = even[x];
    for (int64_t x = size; x < width; x++) line[x] = 0;
  }
#else
  LR(pack_rows)(type, source, stride, rows, size, words, width);
#endif
}

#if LR_PAIRS
// Sixteen words (a[i], b[i]).
INLINE void LR(store_zipped)(uint32_t *words, VEC a, VEC b) {
  typedef uint16_t both __attribute__((ext_vector_type(2 * LANES)));
  __m512bh halves = _mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
  both h;
  __builtin_memcpy(&h, &halves, sizeof h);
  h = __builtin_shufflevector(h, h, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24,
                              9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  __builtin_memcpy(words, &h, sizeof h);
}

// The words of thirty-two numbers in a row, a before b.
INLINE void LR(store_pair)(uint32_t *words, VEC a, VEC b) {
  __m512bh halves = _mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
  __builtin_memcpy(words, &halves, sizeof halves);
}
#endif
