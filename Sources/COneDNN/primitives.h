#pragma once
#include "COneDNN.h"
#include "version.h"

// Everything that a primitive depends on; made by memset and fields, so that padding compares
// equal. The extents and strides of a general primitive are all DNNL_RUNTIME_DIM_VAL.
typedef struct {
  int64_t m, n, k, a_stride, b_stride, c_stride;
  int32_t inputs, output, bias_type;  // bias_type is -1 without a bias
  int32_t a_transposed, b_transposed, accumulates;
  float scale;
  int32_t threads;  // oneDNN divides the work when it makes the primitive
} lr_dnn_key;

// How the operands of a product lie in memory; null for operands that it does not have.
typedef struct {
  lr_dnn_memory_desc a, b, c, bias, scale;
} lr_dnn_layout;

typedef struct lr_dnn_entry {
  lr_dnn_key key;
  dnnl_primitive_t primitive;
  lr_dnn_const_memory_desc scratch;
  size_t scratch_size;
  struct lr_dnn_entry *next;           // in its bucket
  struct lr_dnn_entry *newer, *older;  // in the order of use
  int users;                           // calls that run it now; such an entry is not evicted
} lr_dnn_entry;

// The key of a product's own shape.
lr_dnn_key lr_dnn_exact_key(const lr_dnn_product *product);

// Call lr_dnn_forget also after lr_dnn_describe fails.
dnnl_status_t lr_dnn_describe(lr_dnn_layout *layout, const lr_dnn_key *key);
void lr_dnn_forget(lr_dnn_layout *layout);

// The primitive for a product, made if need be, with one user added; null when it cannot be made.
lr_dnn_entry *lr_dnn_borrow(const lr_dnn_product *product, dnnl_engine_t engine,
                            dnnl_status_t *status);
void lr_dnn_give_back(lr_dnn_entry *entry);

// Scratch memory of the calling thread, kept until it ends; null when there is none. oneDNN's own
// would belong to the thread that made the primitive.
void *lr_dnn_scratch(size_t size);
