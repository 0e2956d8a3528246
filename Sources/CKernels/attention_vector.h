// Vectors of the instruction set that the includer names, in the compiler's own vector types, and
// what is done with a whole one: transposing, reducing, 2^x.

#define VEC LR(vector)
#define IVEC LR(ivector)
#define HVEC LR(hvector)
#define LANES (LR_BYTES / 4)
#define PER_WORD (LR_PAIRS ? 2 : 1)
#define INLINE static inline __attribute__((always_inline))

typedef float VEC __attribute__((ext_vector_type(LANES)));
typedef int32_t IVEC __attribute__((ext_vector_type(LANES)));
typedef uint16_t HVEC __attribute__((ext_vector_type(LANES)));

INLINE VEC LR(load)(const void *p) {
  VEC v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void LR(store)(void *p, VEC v) { __builtin_memcpy(p, &v, sizeof v); }

#if LR_BYTES == 64
#define LR_LOW_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LR_HIGH_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LR_BYTES == 32
#define LR_LOW_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define LR_HIGH_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LR_LOW_HALVES 0, 4, 1, 5
#define LR_HIGH_HALVES 2, 6, 3, 7
#endif

// Transposes a square of words: interleaving its first and second half log2(LANES) times does.
INLINE void LR(transpose)(VEC square[LANES]) {
#pragma clang loop unroll(full)
  for (int step = 1; step < LANES; step *= 2) {
    VEC next[LANES];
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES / 2; i++) {
      VEC a = square[i], b = square[i + LANES / 2];
      next[2 * i] = __builtin_shufflevector(a, b, LR_LOW_HALVES);
      next[2 * i + 1] = __builtin_shufflevector(a, b, LR_HIGH_HALVES);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES; i++) square[i] = next[i];
  }
}
#undef LR_LOW_HALVES
#undef LR_HIGH_HALVES

// 2^x for x <= 0, exactly zero from -127 down. Weights that are rounded to bf16 need less of it.
INLINE VEC LR(exp2)(VEC x) {
#if LR_PAIRS
  VEC f = (VEC)_mm512_reduce_ps((__m512)x, 0x09);  // x - floor(x)
  return (VEC)_mm512_scalef_ps((__m512)LR_EXP2_4(f), (__m512)x);
#else
  x = x < (VEC)-127.0f ? (VEC)-127.0f : x;
  VEC shifted = x + LR_ROUND_MAGIC;
  VEC f = x - (shifted - LR_ROUND_MAGIC);
  IVEC exponent = ((IVEC)shifted - (int32_t)lr_bits(LR_ROUND_MAGIC) + 127) << 23;
  return LR_EXP2_6(f) * (VEC)exponent;
#endif
}

INLINE float LR(sum_lanes)(VEC v) {
  float part[LANES];
  LR(store)(part, v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

INLINE float LR(largest_lane)(VEC v) {
  float part[LANES];
  LR(store)(part, v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++)
      part[i] = part[i] < part[i + width] ? part[i + width] : part[i];
  return part[0];
}

// The largest number of each of LANES vectors, and their sums: across rows is cheaper than along
// them.
INLINE VEC LR(largest_of_each)(VEC rows[LANES]) {
  LR(transpose)(rows);
#pragma clang loop unroll(full)
  for (int width = LANES / 2; width > 0; width /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < width; i++) rows[i] = rows[i] < rows[i + width] ? rows[i + width] : rows[i];
  return rows[0];
}

INLINE VEC LR(sum_of_each)(VEC rows[LANES]) {
  LR(transpose)(rows);
#pragma clang loop unroll(full)
  for (int width = LANES / 2; width > 0; width /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < width; i++) rows[i] += rows[i + width];
  return rows[0];
}
