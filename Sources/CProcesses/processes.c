#define _GNU_SOURCE
#include "lr_processes.h"

#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

const lr_processes *lr_load_processes(const char *path, const char **reason) {
  // Libraries of MPI load parts of their own, which look for its symbols among the global ones.
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    *reason = dlerror();
    return 0;
  }
  const lr_processes *(*processes)(void) =
      (const lr_processes *(*)(void))dlsym(library, "lr_mpi_processes");
  if (!processes) {
    *reason = "it is built without MPI";
    return 0;
  }
  if (processes()->version != LR_PROCESSES_VERSION) {
    *reason = "it is of another version of lowrank";
    return 0;
  }
  return processes();
}

int32_t lr_take_cores_of_parent(void) {
  cpu_set_t cores;
  return sched_getaffinity(getppid(), sizeof cores, &cores) == 0 &&
         sched_setaffinity(0, sizeof cores, &cores) == 0;
}
