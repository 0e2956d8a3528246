#pragma once
#include <stdbool.h>
#include <stdint.h>

// Matrix products with oneDNN 2 or 3, depending on the installed header. version.h declares what differs.

typedef enum { LR_DNN_F32 = 0, LR_DNN_BF16 = 1 } lr_dnn_type;

// c = scale · op(a) op(b) + bias, or c += scale · op(a) op(b) when accumulating. op(a) is [m, k],
// op(b) [k, n], c [m, n]; a stride is the distance between rows as they lie in memory, in elements.
// a and b have one type; f32 inputs give an f32 output and take an f32 bias. The bias has n
// elements; it is null unless scale is 1 and nothing accumulates.
typedef struct {
  int64_t m, n, k;
  lr_dnn_type inputs, output, bias_type;
  const void *a, *b, *bias;
  void *c;
  int64_t a_stride, b_stride, c_stride;
  bool a_transposed, b_transposed, accumulates;
  float scale;
} lr_dnn_product;

// 0, or the status of oneDNN's call that failed. m, n and k are at least 1.
int lr_dnn_multiply(const lr_dnn_product *product);

// Whether the processor multiplies bfloat16 with instructions of its own.
bool lr_dnn_multiplies_bf16(void);
