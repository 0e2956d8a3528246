#include "product.h"

// Whether tiles (AMX) can be used: the processor has them, the kernel lets this process use them, and they multiply.
#if defined(__linux__) && defined(__x86_64__)
#include <cpuid.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GET_PERMITTED = 0x1022, REQUEST = 0x1023, TILE_DATA = 18 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int found;

static int processor_has_tiles(void) {
  unsigned a, b, c, d;
  enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_BF16) && (d & AMX_TILE);
}

// The kernel saves eight kilobytes more for each thread that has used tiles, in a process that asked.
static int kernel_permits_tiles(void) {
  unsigned long permitted = 0;
  if (syscall(SYS_arch_prctl, REQUEST, TILE_DATA)) return 0;
  return !syscall(SYS_arch_prctl, GET_PERMITTED, &permitted) && (permitted >> TILE_DATA & 1);
}

// A product of ones, since a hypervisor may show what it does not run.
static int tiles_multiply(void) {
  enum { ROWS = 16, TERMS = 32 };
  uint16_t ones[ROWS * TERMS];
  float sums[ROWS * ROWS] = {0};
  for (int i = 0; i < ROWS * TERMS; i++) ones[i] = lr_narrow(1);
  lr_product p = {.m = ROWS, .n = ROWS, .k = TERMS, .inputs = LR_BF16, .a = ones, .a_stride = TERMS,
                  .b = {.data = ones, .type = LR_BF16, .block = 1, .transposed = 1, .row_bytes = 2 * TERMS},
                  .scale = 1, .c = {.data = sums, .type = LR_F32, .stride = ROWS}};
  lr_cut cut = {.p = &p, .group = 1, .groups = 1, .rows = ROWS, .blocks = 1, .chunk = TERMS};
  lr_product_amx.unit(&cut, 0);
  for (int i = 0; i < ROWS * ROWS; i++)
    if (sums[i] != TERMS) return 0;
  return 1;
}

int lr_offers_tiles(void) {
  return lr_has_products(LR_AVX512_BF16) && processor_has_tiles() && kernel_permits_tiles();
}

static void find(void) { found = lr_offers_tiles() && tiles_multiply(); }

int lr_has_tiles(void) {
  pthread_once(&once, find);
  return found;
}
#else
int lr_offers_tiles(void) { return 0; }

int lr_has_tiles(void) { return 0; }
#endif
