#pragma once
#include <stdint.h>

// What joins the processes of a run. A library of its own implements it over MPI; the program loads
// that library when a launcher has started several of it, and has nothing to do with MPI otherwise.

enum { LR_PROCESSES_VERSION = 1 };

// What a call that waits for other processes ends with.
typedef enum {
  LR_DONE = 0,
  LR_FAILED,   // the library says why: failure()
  LR_LOST,     // a process has not been heard of for too long: lost()
  LR_STOPPED,  // this process was told to end, and the others did not come
} lr_outcome;

typedef struct {
  int32_t rank, world;
  int32_t cores;    // this process's share of those that it and others of its host may use
  int32_t watches;  // whether lost processes are noticed
} lr_membership;

typedef struct {
  int32_t version;
  // Joins the others. `patience` is the seconds of silence after which a process counts as lost, 0 for
  // any; `is_stopping` says whether this process was told to end, and by somebody who will not
  // wait for others.
  lr_outcome (*join)(double patience, int32_t (*is_stopping)(void), lr_membership *membership);
  // Replaces numbers by their sums over all processes, which have the same bits everywhere.
  lr_outcome (*sum_floats)(float *values, int64_t count);
  lr_outcome (*sum_doubles)(double *values, int64_t count);
  // Replaces bytes by those of process 0.
  lr_outcome (*broadcast)(void *bytes, int64_t count);
  // Which process is lost, and for how many seconds nothing came from it.
  int32_t (*lost)(double *seconds);
  // The name of the host of a process.
  const char *(*host)(int32_t rank);
  const char *(*failure)(void);
  // Leaves in good order, together with all others.
  void (*leave)(void);
  // Ends all processes.
  void (*abort)(int32_t code);
} lr_processes;

// The implementation in a library; null where there is none, with the reason in `reason`.
const lr_processes *lr_load_processes(const char *path, const char **reason);

// Gives this process the cores of the process that started it; returns whether it could.
int32_t lr_take_cores_of_parent(void);
