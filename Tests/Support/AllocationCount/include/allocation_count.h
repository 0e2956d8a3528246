/// Counts what this process allocates, in place of the C library's functions: for programs of one thread.
#pragma once
#include <stddef.h>

/// The bytes that are allocated now.
size_t lr_allocated(void);
/// The most that were allocated at once since `lr_forget_peak`.
size_t lr_allocated_peak(void);
void lr_forget_peak(void);
