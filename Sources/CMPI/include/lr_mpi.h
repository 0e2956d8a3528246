#pragma once
#include "lr_processes.h"

// The processes that a launcher of MPI started. The program finds this by its name in the library.
const lr_processes *lr_mpi_processes(void);
