// Times products of frozen weights by our kernels and by oneDNN, beside a loop over registers.
//
//   kernels SECONDS [TYPE [NAME]]   prints for every product of every type "TYPE NAME M K N FORM PEAK OURS ONEDNN" in GFLOP/s;
//                                   the peak is measured right before each, since clocks change
//
// Benchmarks/kernels.py builds and runs it. x is [m, k]; the weight lies as [n, k] for y = x Wᵀ, and as [k, n] for dx = dy W.
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "COneDNN.h"
#include "lr_parallel.h"
#include "lr_product.h"

typedef struct {
  const char *name;
  int64_t rows, inputs, outputs;
} shape;

static const shape shapes[] = {
    {"GPT-2 attention.out", 1024, 768, 768}, {"GPT-2 attention.qkv", 1024, 768, 2304},
    {"GPT-2 mlp.in", 1024, 768, 3072},       {"GPT-2 mlp.out", 1024, 3072, 768},
    {"GPT-2 head", 512, 768, 50257},         {"Qwen2.5 keys", 512, 896, 128},
    {"Qwen2.5 gate", 512, 896, 4864},        {"Qwen2.5 down", 512, 4864, 896},
    {"RoBERTa mlp.in", 2048, 768, 3072},     {"Gemma 3 gate", 512, 640, 2048},
    {"short", 48, 768, 768},                 {"odd", 333, 770, 1111},
};
enum { shape_count = sizeof shapes / sizeof shapes[0] };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *filled(size_t count, lr_type type) {
  size_t size = type == LR_BF16 ? 2 : 4;
  char *numbers = aligned_alloc(64, (count * size + 63) / 64 * 64);
  if (!numbers) exit(1);
  for (size_t i = 0; i < count; i++) {
    uint16_t half = (uint16_t)(0x3c00 + i * 2654435761u % 128);
    uint32_t whole = (uint32_t)half << 16;
    memcpy(numbers + i * size, type == LR_BF16 ? (void *)&half : (void *)&whole, size);
  }
  return numbers;
}

// Loops over registers: as many independent sums as hide the latency, of f32, with 8 or 16 in a vector, or of pairs of bf16.
typedef void (*loop)(int64_t rounds);

#define LOOP(name, instructions, vector, count, add)                           \
  __attribute__((target(instructions))) static void name(int64_t rounds) {     \
    vector s[count] = {{0}}, w = {0};                                          \
    for (int64_t r = 0; r < rounds; r++)                                       \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++)       \
        __asm__ volatile(add " %1, %1, %0" : "+v"(s[i]) : "v"(w));             \
  }

LOOP(loop_avx2, "avx2,fma", __m256, 12, "vfmadd231ps")
LOOP(loop_avx512, "avx512f", __m512, 24, "vfmadd231ps")
LOOP(loop_bf16, "avx512f,avx512bf16", __m512, 24, "vdpbf16ps")

// Four products of tiles, whose sums are independent.
__attribute__((target("amx-tile,amx-bf16"))) static void loop_amx(int64_t rounds) {
  static const unsigned char tiles[64] = {1, [16] = 64, [18] = 64, [20] = 64, [22] = 64, [24] = 64, [26] = 64, [28] = 64,
                                          [30] = 64, [48] = 16, 16, 16, 16, 16, 16, 16, 16};
  static uint16_t ones[2][512];
  for (int i = 0; i < 512; i++) ones[0][i] = ones[1][i] = 0x3f80;
  _tile_loadconfig(tiles);
  _tile_loadd(4, ones[0], 64), _tile_loadd(5, ones[1], 64), _tile_loadd(6, ones[0], 64), _tile_loadd(7, ones[1], 64);
  for (int64_t r = 0; r < rounds; r++) {
    _tile_dpbf16ps(0, 4, 6), _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6), _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
}

typedef struct {
  loop body;
  int64_t rounds;
} peak;

static void peak_unit(void *context, int64_t unit) {
  peak *p = context;
  (void)unit;
  p->body(p->rounds);
}

static double peak_of(lr_product_set set, double seconds) {
  static const struct {
    loop body;
    double flops;
  } loops[] = {[LR_AVX2] = {loop_avx2, 12 * 16}, [LR_AVX512] = {loop_avx512, 24 * 32},
               [LR_AVX512_BF16] = {loop_bf16, 24 * 64}, [LR_AMX] = {loop_amx, 4 * 16384}};
  peak p = {.body = loops[set].body, .rounds = set == LR_AMX ? 10000 : 100000};
  int threads = lr_threads();
  double best = 0;
  for (double end = now() + seconds; now() < end;) {
    double start = now();
    lr_parallel(threads, peak_unit, &p);
    double rate = loops[set].flops * (double)p.rounds * threads / (now() - start);
    if (rate > best) best = rate;
  }
  return 1e-9 * best;
}

static double rate_of(int is_ours, lr_product *ours, lr_dnn_product *theirs, double seconds) {
  int runs = 0;
  double start = 0, end = 0;
  for (int i = -2; i < 3 || end - start < seconds; i++, end = now()) {
    if (i == 0) start = now(), runs = 0;
    if (is_ours) lr_run_product(ours);
    else if (lr_dnn_multiply(theirs)) exit(1);
    runs++;
  }
  return 2e-9 * (double)ours->m * (double)ours->n * (double)ours->k * runs / (end - start);
}

typedef struct {
  const char *name;
  lr_type type;
  lr_product_set set;
} kind;

static const kind kinds[] = {{"f32, AVX2", LR_F32, LR_AVX2}, {"f32", LR_F32, LR_AVX512},
                             {"bf16 as f32", LR_BF16, LR_AVX512}, {"bf16", LR_BF16, LR_AVX512_BF16},
                             {"bf16 in tiles", LR_BF16, LR_AMX}};

static void time_product(const kind *kind, const shape *s, int is_backward, double seconds) {
  lr_type type = kind->type;
  int64_t m = s->rows, k = is_backward ? s->outputs : s->inputs, n = is_backward ? s->inputs : s->outputs;
  int64_t size = type == LR_BF16 ? 2 : 4;
  void *a = filled((size_t)(m * k), type), *b = filled((size_t)(n * k), type);
  void *c = filled((size_t)(m * n), type);
  lr_product ours = {.m = m, .n = n, .k = k, .inputs = type, .a = a, .a_stride = k, .scale = 1,
                     .c = {.data = c, .type = type, .stride = n}, .most = kind->set};
  ours.b = (lr_factor){.data = b, .type = type, .block = 1, .transposed = !is_backward,
                       .row_bytes = size * (is_backward ? n : k)};
  lr_dnn_product theirs;
  memset(&theirs, 0, sizeof theirs);
  theirs.m = m, theirs.n = n, theirs.k = k, theirs.scale = 1;
  theirs.inputs = theirs.output = type == LR_BF16 ? LR_DNN_BF16 : LR_DNN_F32;
  theirs.a = a, theirs.b = b, theirs.c = c;
  theirs.a_stride = k, theirs.c_stride = n;
  theirs.b_transposed = !is_backward, theirs.b_stride = is_backward ? n : k;
  double most = peak_of(kind->set, seconds / 2);
  double own = lr_can_multiply(&ours) ? rate_of(1, &ours, &theirs, seconds) : 0;
  double library = kind->set == LR_AVX2 ? 0 : rate_of(0, &ours, &theirs, seconds);
  printf("%s\t%s\t%lld\t%lld\t%lld\t%s\t%.1f\t%.1f\t%.1f\n",
         kind->name, s->name, (long long)m,
         (long long)k, (long long)n, is_backward ? "dx" : "y", most, own, library);
  fflush(stdout);
  free(a), free(b), free(c);
}

int main(int count, char **arguments) {
  double seconds = count > 1 ? atof(arguments[1]) : 0.2;
  for (int i = 0; i < (int)(sizeof kinds / sizeof kinds[0]); i++) {
    if (!lr_has_products(kinds[i].set)) continue;
    if (count > 2 && strcmp(kinds[i].name, arguments[2])) continue;
    for (int s = 0; s < shape_count; s++)
      for (int is_backward = 0; is_backward < 2; is_backward++)
        if (count < 4 || strstr(shapes[s].name, arguments[3])) time_product(&kinds[i], &shapes[s], is_backward, seconds);
  }
}
