// From objects to code that runs.
#ifndef CODEGEN_CPU_LINK_H
#define CODEGEN_CPU_LINK_H

#include "codegen/cpu/objects.h"
#include "codegen/program.h"

// Code that was linked, until it is freed. Taken objects leave the list.
typedef struct cg_code cg_code;
cg_code *cg_cpu_link(cg_objects *objects, cg_entry **entry);
void cg_cpu_unlink(cg_code *code);

#endif
