#pragma once
#include <stdbool.h>

// What CPUID reports about the processor, as far as the system lets programs use it.
typedef struct {
  bool avx2_fma;  // AVX2 and FMA
  bool avx512;    // AVX-512 F, CD, BW, DQ and VL, which OpenBLAS's AVX-512 kernels need
  bool is_amd;
  int l2_kilobytes, l3_kilobytes;  // leaf 0x80000006, which hypervisors may leave 0
} lr_processor;

// Returns all zeros on other instruction sets than x86-64.
lr_processor lr_processor_now(void);

// Runs `body` in a child process that ends after at most `seconds`, and returns its result, 0 to 127. Returns 128
// plus the signal's number if a signal ended the child, and -1 if no child could be created. Call it before there are
// other threads.
int lr_run_apart(int (*body)(void), unsigned seconds);
