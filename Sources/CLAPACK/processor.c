#include "lr_processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <string.h>

lr_processor lr_processor_now(void) {
  // These tests cover the system too: they are false unless it supports the wide registers.
  lr_processor p = {
      .avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
      .avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl"),
  };
  unsigned a, b, c, d;
  if (__get_cpuid(0, &a, &b, &c, &d)) {
    char vendor[12];
    memcpy(vendor, &b, 4), memcpy(vendor + 4, &d, 4), memcpy(vendor + 8, &c, 4);
    p.is_amd = memcmp(vendor, "AuthenticAMD", 12) == 0;
  }
  if (__get_cpuid(0x80000006, &a, &b, &c, &d)) {
    p.l2_kilobytes = (int)(c >> 16);
    p.l3_kilobytes = (int)((d >> 18) & 0x3fff) * 512;
  }
  return p;
}
#else
lr_processor lr_processor_now(void) { return (lr_processor){0}; }
#endif
