#pragma once
#include <stdbool.h>

// What CPUID says of the processor, as far as the system lets programs use it.
typedef struct {
  bool avx2_fma;  // AVX2 and FMA
  bool avx512;    // AVX-512 F, CD, BW, DQ and VL, which OpenBLAS's AVX-512 kernels need
  bool is_amd;
  int l2_kilobytes, l3_kilobytes;  // leaf 0x80000006, which hypervisors may leave 0
} lr_processor;

// All zero on other instruction sets than x86-64.
lr_processor lr_processor_now(void);

// Runs `body` in a child process that ends after `seconds` at the latest, and returns its answer, 0 to 127: where a signal
// ended the child, 128 and the signal's number; -1 where there can be no child. To be called before there are threads.
int lr_run_apart(int (*body)(void), unsigned seconds);
