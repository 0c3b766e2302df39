// The functions that the nesting test puts under every order of transforms: functions.c, control_functions.c.
#ifndef NESTING_FUNCTIONS_H
#define NESTING_FUNCTIONS_H

#include "covector/covector.h"

enum { MAX_VALUES = 64 };

typedef struct nesting_case {
    const char *name;
    cv_fn (*function)(void);
    int n_in, n_out;
    void (*inputs)(cv_val *in);
    bool no_reverse; // holds a data-dependent while: no vjp anywhere around it
} nesting_case;

extern const nesting_case nesting_cases[];
extern const int nesting_case_count;
extern const int nesting_depth; // how many transforms

// Reproducible floats in (-1, 1).
cv_val nesting_array(cv_ints shape);

#endif
