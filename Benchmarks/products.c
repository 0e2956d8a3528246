// Times the matrix products of a step of GPT-2 through our shim, with the oneDNN that it is built against.
//
//   products                                prints the version and every "PRODUCT TYPE FORM"
//   products "PRODUCT TYPE FORM" SECONDS    prints its GFLOP/s over so many seconds, and the
//                                           share of the processor that other programs took
//
// Benchmarks/products.py builds it against two versions and runs them in turn.
#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "COneDNN.h"

typedef struct {
  const char *name;
  int64_t rows, inputs, outputs;
  bool is_head;  // its weight lies as [outputs, inputs], the others' as [inputs, outputs]
} shape;

static const shape shapes[] = {
    {"attention.out", 1024, 768, 768, false}, {"attention.qkv", 1024, 768, 2304, false},
    {"mlp.in", 1024, 768, 3072, false},       {"mlp.out", 1024, 3072, 768, false},
    {"head", 512, 768, 50257, true},
};
enum { shape_count = sizeof shapes / sizeof shapes[0], rank = 8, logits_stride = 50304 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Processor time of this program, and of the whole machine with what its host took.
static double own(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
         1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static double busy(void) {
  FILE *file = fopen("/proc/stat", "r");
  double ticks[8] = {0}, sum = 0;
  if (!file || fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &ticks[0], &ticks[1], &ticks[2],
                      &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) != 8)
    exit(1);
  fclose(file);
  for (int i = 0; i < 8; i++) sum += i == 3 || i == 4 ? 0 : ticks[i];
  return sum / (double)sysconf(_SC_CLK_TCK);
}

static void check(int status) {
  if (status == 0) return;
  fprintf(stderr, "products: oneDNN refused a product with status %d\n", status);
  exit(1);
}

// Numbers near 1 that are not all the same; their high halves are bfloat16s.
static void *filled(size_t count) {
  float *numbers = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (!numbers) check(-1);
  for (size_t i = 0; i < count; i++) numbers[i] = 0.5f + (float)(i * 2654435761u % 1024) / 1024;
  return numbers;
}

static void *halves(size_t count) {
  uint16_t *numbers = filled((count + 1) / 2);
  for (size_t i = 0; i < count; i++) numbers[i] = (uint16_t)(0x3f00 + i * 2654435761u % 128);
  return numbers;
}

static const char *wanted;  // a product, or null for their list
static double seconds;

static void time_product(const char *name, const char *form, lr_dnn_product p) {
  bool bf16 = p.inputs == LR_DNN_BF16;
  char full[80];
  snprintf(full, sizeof full, "%s %s %s", name, bf16 ? "bf16" : "f32", form);
  if (!wanted) puts(full);
  if (!wanted || strcmp(full, wanted) != 0) return;
  size_t a = (size_t)((p.a_transposed ? p.k : p.m) * p.a_stride);
  size_t b = (size_t)((p.b_transposed ? p.n : p.k) * p.b_stride);
  void *left = bf16 ? halves(a) : filled(a), *right = bf16 ? halves(b) : filled(b);
  void *result = filled((size_t)(p.m * p.c_stride));
  p.a = left, p.b = right, p.c = result;
  for (int i = 0; i < 3; i++) check(lr_dnn_multiply(&p));
  int runs = 0;
  double others = busy() - own(), start = now(), end = start;
  for (; end - start < seconds || runs < 3; runs++, end = now()) check(lr_dnn_multiply(&p));
  double flops = 2.0 * (double)p.m * (double)p.n * (double)p.k;
  others = (busy() - own() - others) / (end - start) / (double)sysconf(_SC_NPROCESSORS_ONLN);
  printf("%.1f %.3f\n", 1e-9 * flops * runs / (end - start), others > 0 ? others : 0);
  free(left), free(right), free(result);
}

static lr_dnn_product product(int64_t m, int64_t k, int64_t n, lr_dnn_type type) {
  lr_dnn_product p;
  memset(&p, 0, sizeof p);
  p.m = m, p.k = k, p.n = n, p.scale = 1;
  p.inputs = p.output = type;
  p.a_stride = k, p.b_stride = p.c_stride = n;
  return p;
}

// y = x W, and dx = dy Wᵀ.
static void time_layer(const shape *s, lr_dnn_type type) {
  lr_dnn_product forward = product(s->rows, s->inputs, s->outputs, type);
  lr_dnn_product backward = product(s->rows, s->outputs, s->inputs, type);
  if (s->is_head) {
    forward.b_transposed = true, forward.b_stride = s->inputs;
    forward.output = LR_DNN_F32, forward.c_stride = logits_stride;
    // Gradients of type bf16 lie in the f32 rows of the logits.
    backward.a_stride = type == LR_DNN_BF16 ? 2 * logits_stride : logits_stride;
  } else {
    backward.b_transposed = true, backward.b_stride = s->outputs;
  }
  time_product(s->name, "forward", forward);
  time_product(s->name, "backward", backward);
}

// z = x Aᵀ, y += 2 z Bᵀ, dz = 2 dy B and dx += dz A of an update of the queries, keys and values.
static void time_update(lr_dnn_type type) {
  const shape *s = &shapes[1];
  lr_dnn_product down = product(s->rows, s->inputs, rank, type);
  down.b_transposed = true, down.b_stride = s->inputs;
  lr_dnn_product up = product(s->rows, rank, s->outputs, type);
  up.b_transposed = true, up.b_stride = rank, up.scale = 2, up.accumulates = true;
  lr_dnn_product down_back = product(s->rows, s->outputs, rank, type);
  down_back.scale = 2;
  lr_dnn_product up_back = product(s->rows, rank, s->inputs, type);
  up_back.accumulates = true;
  time_product("update.A", "forward", down);
  time_product("update.B", "forward", up);
  time_product("update.B", "backward", down_back);
  time_product("update.A", "backward", up_back);
}

int main(int count, char **arguments) {
  wanted = count > 1 ? arguments[1] : NULL;
  seconds = count > 2 ? atof(arguments[2]) : 0.2;
  const dnnl_version_t *version = dnnl_version();
  if (!wanted) printf("%d.%d.%d\n", version->major, version->minor, version->patch);
  for (lr_dnn_type type = LR_DNN_F32; type <= LR_DNN_BF16; type++) {
    if (type == LR_DNN_BF16 && !lr_dnn_multiplies_bf16()) break;
    for (int i = 0; i < shape_count; i++) time_layer(&shapes[i], type);
    time_update(type);
  }
}
