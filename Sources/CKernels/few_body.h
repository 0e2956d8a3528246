// The kernels of lr_few.h for one set of instructions. Defined before: LR(name), the name in this set; LANES, the floats of a
// register, 8 or 16; FIFTHS(pointer), 16 in each byte whose bit is set of LANES bits; HALF(pointer), the value of half a float;
// HALVES(pointer), those of LANES.
//
// A number of the weight is widened once and multiplied with all rows of x. Several rows of the weight are taken at once, so
// that sums do not wait for each other.

#define lanes LR(lanes)
#define bytes LR(bytes)
#define signs LR(signs)
#define words LR(words)
#define wide LR(wide)
typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint8_t bytes __attribute__((vector_size(LANES), aligned(1), may_alias));
typedef int8_t signs __attribute__((vector_size(LANES), aligned(1), may_alias));
typedef uint16_t words __attribute__((vector_size(2 * LANES), aligned(1), may_alias));
typedef uint32_t wide __attribute__((vector_size(4 * LANES), aligned(1), may_alias));

#define AT(type, pointer) (*(type *)(pointer))
#define NUMBERS(q) __builtin_convertvector(q, lanes)
#define SIGNED(q) __builtin_convertvector((signs)(q), lanes)
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)
// A block of the weight by `few` rows of x, a number that is known where it is inlined.
#define DOT(name)                                                                                  \
  LR_INLINE void LR(name##_dot)(const uint8_t *b, const float *x, int64_t stride, int few,         \
                                lanes *sums)
// Adds what the elements from `at` on contribute. For no row of x, `sums` are the elements themselves.
#define ADD(weights, at)                                                                           \
  {                                                                                                \
    lanes w = weights;                                                                             \
    if (few == 0) sums[(at) / LANES] = w;                                                          \
    EACH(i, few) sums[i] += w * AT(lanes, x + i * stride + (at));                                  \
  }

DOT(f32) { EACH(j, 32 / LANES) ADD(AT(lanes, b + 4 * LANES * j), LANES * j) }

DOT(bf16) {
  EACH(j, 32 / LANES)
  ADD((lanes)(__builtin_convertvector(AT(words, b + 2 * LANES * j), wide) << 16), LANES * j)
}

DOT(f16) { EACH(j, 32 / LANES) ADD(HALVES(b + 2 * LANES * j), LANES * j) }

DOT(q8_0) {
  float d = HALF(b);
  EACH(j, 32 / LANES) ADD(SIGNED(AT(bytes, b + 2 + LANES * j)) * d, LANES * j)
}

DOT(q4_0) {
  float d = HALF(b);
  EACH(j, 16 / LANES) {
    bytes q = AT(bytes, b + 2 + LANES * j);
    ADD(SIGNED((q & 15) - 8) * d, LANES * j)
    ADD(SIGNED((q >> 4) - 8) * d, 16 + LANES * j)
  }
}

DOT(q4_1) {
  float d = HALF(b), m = HALF(b + 2);
  EACH(j, 16 / LANES) {
    bytes q = AT(bytes, b + 4 + LANES * j);
    ADD(NUMBERS(q & 15) * d + m, LANES * j)
    ADD(NUMBERS(q >> 4) * d + m, 16 + LANES * j)
  }
}

DOT(q5_0) {
  float d = HALF(b);
  EACH(j, 16 / LANES) {
    bytes q = AT(bytes, b + 6 + LANES * j);
    const uint8_t *fifth = b + 2 + LANES / 8 * j;
    ADD(SIGNED(((q & 15) | FIFTHS(fifth)) - 16) * d, LANES * j)
    ADD(SIGNED((q >> 4 | FIFTHS(fifth + 2)) - 16) * d, 16 + LANES * j)
  }
}

DOT(q5_1) {
  float d = HALF(b), m = HALF(b + 2);
  EACH(j, 16 / LANES) {
    bytes q = AT(bytes, b + 8 + LANES * j);
    const uint8_t *fifth = b + 4 + LANES / 8 * j;
    ADD(NUMBERS((q & 15) | FIFTHS(fifth)) * d + m, LANES * j)
    ADD(NUMBERS(q >> 4 | FIFTHS(fifth + 2)) * d + m, 16 + LANES * j)
  }
}

// The eight scales of 32 elements each, then minus their minima.
LR_INLINE void LR(steps)(const uint8_t *b, float *steps) {
  float d = HALF(b), m = -HALF(b + 2);
  uint8_t six[16];
  lr_six_bits(b + 4, six);
  float two[16] = {d, d, d, d, d, d, d, d, m, m, m, m, m, m, m, m};
  EACH(j, 16 / LANES)
  AT(lanes, steps + LANES * j) = NUMBERS(AT(bytes, six + LANES * j)) * AT(lanes, two + LANES * j);
}

DOT(q4_k) {
  float steps[16];
  LR(steps)(b, steps);
  EACH(pair, 4) EACH(j, 32 / LANES) {
    bytes q = AT(bytes, b + 16 + 32 * pair + LANES * j);
    int at = 64 * pair + LANES * j;
    ADD(NUMBERS(q & 15) * steps[2 * pair] + steps[2 * pair + 8], at)
    ADD(NUMBERS(q >> 4) * steps[2 * pair + 1] + steps[2 * pair + 9], at + 32)
  }
}

DOT(q5_k) {
  float steps[16];
  LR(steps)(b, steps);
  EACH(pair, 4) EACH(j, 32 / LANES) {
    bytes fifth = AT(bytes, b + 16 + LANES * j) >> 2 * pair;
    bytes q = AT(bytes, b + 48 + 32 * pair + LANES * j);
    int at = 64 * pair + LANES * j;
    ADD(NUMBERS((q & 15) | (fifth & 1) << 4) * steps[2 * pair] + steps[2 * pair + 8], at)
    ADD(NUMBERS(q >> 4 | (fifth & 2) << 3) * steps[2 * pair + 1] + steps[2 * pair + 9], at + 32)
  }
}

DOT(q6_k) {
  float steps[16], d = HALF(b + 208);
  EACH(j, 16 / LANES) AT(lanes, steps + LANES * j) = SIGNED(AT(bytes, b + 192 + LANES * j)) * d;
  EACH(half, 2) EACH(j, 32 / LANES) {
    const uint8_t *low = b + 64 * half + LANES * j;
    bytes l = AT(bytes, low), r = AT(bytes, low + 32);
    bytes h = AT(bytes, b + 128 + 32 * half + LANES * j);
    int step = 8 * half + LANES * j / 16, at = 128 * half + LANES * j;
    ADD(SIGNED(((l & 15) | (h & 3) << 4) - 32) * steps[step], at)
    ADD(SIGNED(((r & 15) | (h & 12) << 2) - 32) * steps[step + 2], at + 32)
    ADD(SIGNED((l >> 4 | (h & 48)) - 32) * steps[step + 4], at + 64)
    ADD(SIGNED((r >> 4 | (h >> 2 & 48)) - 32) * steps[step + 6], at + 96)
  }
}

// The other types are unpacked into the first level of the cache.
#define UNPACKED(name, COUNT)                                                                      \
  DOT(name) {                                                                                      \
    float room[COUNT];                                                                             \
    name(b, room);                                                                                 \
    for (int j = 0; j < COUNT; j += LANES) ADD(AT(lanes, room + j), j)                             \
  }
UNPACKED(q2_k, 256)
UNPACKED(q3_k, 256)
UNPACKED(iq4_nl, 32)

LR_INLINE float LR(total)(const lanes *all) {
  float part[LANES];
  memcpy(part, all, sizeof part);
  for (int width = LANES / 2; width > 0; width /= 2) EACH(l, width) part[l] += part[l + width];
  return part[0];
}

// The block below the next rows: the processor does not read ahead far enough by itself where rows are short.
#define PREFETCH(block, BYTES) EACH(line, (BYTES + 63) / 64) __builtin_prefetch(block + 64 * line)

// Puts a sum into its place in c, or adds it there.
#define SUM(place, sum) (place) = (adds ? (place) : 0) + f->scale * (sum)

// `tall` rows of the weight by `few` rows of x.
#define ROWS(name, COUNT, BYTES, tall, few)                                                        \
  {                                                                                                \
    lanes sums[tall][few];                                                                         \
    memset(sums, 0, sizeof sums);                                                                  \
    for (int64_t column = first; column < end; column += COUNT, block += BYTES)                    \
      EACH(r, tall) {                                                                              \
        PREFETCH(block + (r + tall) * f->b.row_bytes, BYTES);                                      \
        LR(name##_dot)(block + r * f->b.row_bytes, f->x + column, f->x_stride, few, sums[r]);      \
      }                                                                                            \
    EACH(r, tall) EACH(i, few) SUM(f->c[i * f->c_stride + row + r], LR(total)(&sums[r][i]));       \
    row += tall;                                                                                   \
  }
#define KERNEL(name, COUNT, BYTES)                                                                 \
  static void LR(name##_unit)(void *context, int64_t unit) {                                       \
    const lr_few_cut *cut = context;                                                               \
    const lr_few *f = cut->f;                                                                 \
    int64_t last = lr_least((unit + 1) * cut->rows, f->n);                                         \
    for (int64_t first = 0; first < f->k; first += cut->chunk) {                                   \
      int64_t end = lr_least(first + cut->chunk, f->k);                                            \
      int adds = f->accumulates || first > 0;                                                      \
      for (int64_t row = unit * cut->rows; row < last;) {                                          \
        const uint8_t *block = LR_FEW_AT(f, row, first, COUNT, BYTES);                             \
        int few = (int)f->few, four = last - row >= 4;                                             \
        if (few == 1 && four) ROWS(name, COUNT, BYTES, 4, 1)                                       \
        else if (few == 1) ROWS(name, COUNT, BYTES, 1, 1)                                          \
        else if (few == 2 && four) ROWS(name, COUNT, BYTES, 4, 2)                                  \
        else if (few == 2) ROWS(name, COUNT, BYTES, 1, 2)                                          \
        else if (four) ROWS(name, COUNT, BYTES, LANES / 4, 4)                                      \
        else ROWS(name, COUNT, BYTES, 1, 4)                                                        \
      }                                                                                            \
    }                                                                                              \
  }
KERNEL(f32, 32, 128)
KERNEL(bf16, 32, 64)
KERNEL(f16, 32, 64)
LR_EACH_BLOCK(KERNEL)

#include "few_blocked.h"

#define UNIT(name) LR(name##_unit)
#define BLOCKED(name) LR(name##_blocked)
static void (*const LR(packed_units)[])(void *, int64_t) = LR_UNITS_BY_TYPE(UNIT);
static void (*const LR(packed_blocked)[])(void *, int64_t) = LR_UNITS_BY_TYPE(BLOCKED);

static void (*LR(unit_of)(const lr_few *f))(void *, int64_t) {
  int is_blocked = f->few > 4;
  if (f->b.is_packed) return (is_blocked ? LR(packed_blocked) : LR(packed_units))[f->b.packed];
  if (f->b.type == LR_BF16) return is_blocked ? BLOCKED(bf16) : UNIT(bf16);
  return is_blocked ? BLOCKED(f32) : UNIT(f32);
}

#undef UNIT
#undef BLOCKED
#undef LR
#undef LANES
#undef EACH_LANE
#undef FIFTHS
#undef HALF
#undef HALVES
#undef lanes
#undef bytes
#undef signs
#undef words
#undef wide
#undef AT
#undef NUMBERS
#undef SIGNED
#undef EACH
#undef DOT
#undef ADD
#undef UNPACKED
#undef PREFETCH
#undef ROWS
#undef SUM
#undef KERNEL
