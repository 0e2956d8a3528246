#pragma once
#include "lr_unpack.h"

// The instructions that kernels of products are written for, each set with those before it.
typedef enum { LR_NO_PRODUCTS, LR_AVX2, LR_AVX512, LR_AVX512_BF16, LR_AMX } lr_product_set;

// The right factor of a product, a rectangle of what lies in memory: [k, n], or [n, k] where it enters transposed.
typedef struct {
  const void *data;
  int is_packed;              // elements are of `packed`, else of `type`
  lr_type type;
  lr_packed_type packed;
  int64_t block;              // the elements that are stored together: 1 unless packed
  int64_t row_bytes;          // from a row to the next
  int64_t row, column;        // where the rectangle begins; a packed one begins with a block
  int transposed;
} lr_factor;

// c = scale · (a b + z u) + bias, or c += scale · (a b + z u). a and z, a low-rank term of the same sum, have one type, b and u
// any. All are unpacked or converted to what is multiplied: pairs of bf16 with LR_AVX512_BF16 and LR_AMX where a has that type,
// else f32.
typedef struct {
  int64_t m, n, k;
  lr_type inputs;
  const void *a;
  int64_t a_stride;           // in elements
  lr_factor b;
  int64_t rank;               // columns of z; 0: no term
  const void *z;
  int64_t z_stride;
  lr_factor u;
  const void *bias;           // n numbers; null: none
  lr_type bias_type;
  float scale;
  int accumulates;
  lr_view c;
  lr_product_set most;        // no kernel beyond this set is used
} lr_product;

// The set whose products of bf16 are fastest, where the processor has it. Without tiles (AMX), Intel's multiplies half as many
// pairs a cycle as it does numbers of f32 in the same time, so these are widened on their way to the registers.
lr_product_set lr_fastest_products(void);
// Whether this processor has a set of instructions, for which there are kernels.
int lr_has_products(lr_product_set set);
// Whether processor and system offer tiles (AMX), which are used where a product of ones is right in them.
int lr_offers_tiles(void);
// Whether this processor has a kernel for the product, and the product is large enough for it.
int lr_can_multiply(const lr_product *p);
// Each element of c is added up in an order that the shape alone determines.
void lr_run_product(const lr_product *p);
