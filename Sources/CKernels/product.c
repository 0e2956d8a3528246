#include "product.h"

#include <string.h>

#include "lr_elementwise.h"

enum { FEWEST_ROWS = 9, UNITS_A_THREAD = 4, MOST_ROWS = 2048, FEW_ROWS = 96, FEW_COLUMNS = 32, PACKING_ROWS = 16 };

static int64_t size_of(lr_type type) { return type == LR_BF16 ? 2 : 4; }

int lr_has_products(lr_product_set set) {
#if defined(__x86_64__)
  if (set == LR_AMX) return lr_has_tiles();
  if (set == LR_AVX2) return __builtin_cpu_supports("x86-64-v3");
  return __builtin_cpu_supports("x86-64-v4") &&
         (set == LR_AVX512 || __builtin_cpu_supports("avx512bf16"));
#else
  return set == LR_NO_PRODUCTS;
#endif
}

static const lr_product_kernel *kernel_of(const lr_product *p) {
#if defined(__x86_64__)
  int narrow = p->n <= FEW_COLUMNS;
  if (p->inputs == LR_BF16 && p->most == LR_AMX && lr_has_products(LR_AMX)) return &lr_product_amx;
  if (p->inputs == LR_BF16 && p->most == LR_AVX512_BF16 && lr_has_products(LR_AVX512_BF16))
    return narrow ? &lr_product_bf16_narrow : &lr_product_bf16;
  if (p->most >= LR_AVX512 && lr_has_products(LR_AVX512))
    return narrow ? &lr_product_v4_narrow : &lr_product_v4;
  if (p->most >= LR_AVX2 && lr_has_products(LR_AVX2))
    return narrow ? &lr_product_v3_narrow : &lr_product_v3;
#endif
  (void)p;
  return 0;
}

lr_product_set lr_fastest_products(void) {
#if defined(__x86_64__)
  if (lr_has_products(LR_AMX)) return LR_AMX;
  if (__builtin_cpu_is("intel")) return LR_AVX512;
#endif
  return LR_AVX512_BF16;
}

int lr_can_multiply(const lr_product *p) {
  const lr_product_kernel *kernel = kernel_of(p);
  if (!kernel || p->m < FEWEST_ROWS) return 0;
  // The last word of a row would end in the next.
  return p->k % kernel->whole == 0 && p->rank % kernel->whole == 0 && p->b.column % p->b.block == 0;
}

// The time of a cut into units of equal size, but for a factor: the last ones leave threads idle, and each block packs the panels
// again, which takes as long as some rows.
static double time_of(int64_t groups, int64_t blocks, int64_t rows) {
  int64_t units = groups * blocks;
  return (double)lr_rounded(units, lr_threads()) / (double)units *
         (1 + (double)(PACKING_ROWS * blocks) / (double)rows);
}

// Units enough for the threads to end together: smaller groups, then blocks of rows.
static lr_cut cut_of(const lr_product *p, const lr_product_kernel *kernel) {
  lr_cut cut = {.p = p};
  int64_t width = kernel->width, panels = (p->n + width - 1) / width;
  int64_t least = p->b.transposed || p->b.block <= width ? 1 : p->b.block / width;
  if (least < kernel->fewest && panels / kernel->fewest >= lr_threads()) least = kernel->fewest;
  int64_t wanted = UNITS_A_THREAD * lr_threads();
  cut.group = least > 256 / width ? least : 256 / width;
  while (cut.group > least && (panels + cut.group - 1) / cut.group < wanted) cut.group /= 2;
  if (cut.group < least) cut.group = least;
  cut.groups = (panels + cut.group - 1) / cut.group;
  int64_t blocks = (wanted + cut.groups - 1) / cut.groups, largest = (p->m + FEW_ROWS - 1) / FEW_ROWS;
  if (blocks > largest) blocks = largest;
  int64_t needed = (p->m + MOST_ROWS - 1) / MOST_ROWS;
  if (blocks < needed) blocks = needed;
  for (int64_t more = blocks + 1; more <= largest; more++)
    if (time_of(cut.groups, more, p->m) < time_of(cut.groups, blocks, p->m)) blocks = more;
  cut.rows = lr_rounded((p->m + blocks - 1) / blocks, kernel->rows);
  cut.blocks = (p->m + cut.rows - 1) / cut.rows;
  // Half a megabyte at most of packed panels, and of the part that they are packed from.
  lr_type type = kernel->step == 2 ? LR_BF16 : LR_F32;
  int staged = p->b.is_packed || (p->b.type != type && !(type == LR_F32 && lr_is_widened(&p->b)));
  cut.chunk = (staged && !p->b.transposed ? 1024 : 2048) / size_of(type);
  return cut;
}

void lr_run_product(const lr_product *p) {
  const lr_product_kernel *kernel = kernel_of(p);
  lr_cut cut = cut_of(p, kernel);
  lr_parallel(cut.groups * cut.blocks, kernel->unit, &cut);
}

const void *lr_in_place(const lr_factor *b, lr_type type, int64_t row, int64_t column) {
  if (b->is_packed || b->type != type) return 0;
  return (const char *)b->data + (b->row + row) * b->row_bytes + (b->column + column) * size_of(type);
}

void lr_stage(const lr_factor *b, lr_type type, int64_t row, int64_t column, int64_t rows,
              int64_t columns, void *to, int64_t padded_rows, int64_t padded_columns) {
  lr_view out = {.data = to, .type = type, .stride = padded_columns};
  int64_t size = size_of(type);
  if (b->is_packed) {
    lr_packed from = {.data = b->data, .type = b->packed, .row_bytes = b->row_bytes};
    lr_unpack(from, b->row + row, b->column + column, out, rows, columns);
  } else {
    int64_t stride = b->row_bytes / size_of(b->type);
    lr_view from = {.data = (char *)(uintptr_t)b->data + (b->row + row) * b->row_bytes +
                            (b->column + column) * size_of(b->type),
                    .type = b->type, .stride = stride};
    lr_copy(from, out, rows, columns);
  }
  if (columns < padded_columns)
    for (int64_t i = 0; i < rows; i++)
      memset((char *)to + (i * padded_columns + columns) * size, 0,
             (size_t)((padded_columns - columns) * size));
  memset((char *)to + rows * padded_columns * size, 0,
         (size_t)((padded_rows - rows) * padded_columns * size));
}
