#pragma once
#include <stdint.h>

// Runs body(context, i) for every i in 0 ..< count on libgomp's threads, the ones oneDNN uses, so
// that no two pools fight over the cores. Units are handed out dynamically: a unit's result must
// not depend on the thread that runs it. Nested calls run on the calling thread.
void lr_parallel(int64_t count, void (*body)(void *context, int64_t unit), void *context);

// For tests: fills kernels' working memory with NaN whenever it is asked for, so that reading what
// was never written shows.
void lr_spoil_scratch(int on);

// The number of threads a parallel region will use, and its setting, which holds for the process.
// libgomp knows the number for each calling thread: call lr_threads before a library that asks
// libgomp.
int lr_threads(void);
void lr_set_threads(int count);
