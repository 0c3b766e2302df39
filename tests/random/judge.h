// What judge.c and judge_transforms.c share.
//
// A transform is judged in f64: arguments of programs that rp_widen made may have the original dtypes or wide
// ones, and operations err as those of f64 do. The program that a chain ends with is judged as it is.
#ifndef TESTS_RANDOM_JUDGE_H
#define TESTS_RANDOM_JUDGE_H

#include <complex.h>
#include <math.h>
#include <string.h>

#include "random.h"

enum { RP_MOST_NOISY_RUNS = 32 };

typedef struct rp_judging {
    base_arena *arena;
    const rp_case *c;
    rp_tally *tally;
    int level;
    uint64_t noisy_runs;
    const ir_function *p; // what the next transform is applied to
} rp_judging;

ir_array rp_new_array(rp_judging *j, const ir_type *type);
double complex rp_element_of(const ir_array *a, int64_t i);
ir_array *rp_draw_arrays(rp_judging *j, const ir_function *f, uint64_t which);

// How far results may be off.
typedef struct rp_reference {
    const ir_function *f;
    rp_run how; // but for the noise
    ir_array *wide;
    double **spread; // of each element: the greatest distance of a noisy run; infinite where anything goes
} rp_reference;

rp_reference rp_reference_new(rp_judging *j, const ir_function *f, const ir_array *in, rp_run how);
// got: of the original dtype or wide, with `more` for how far it may be off itself (or NULL).
void rp_compare_result(rp_judging *j, const char *what, const rp_reference *r, uint32_t k,
                       const ir_array *got, const double *more);
_Noreturn void rp_fail_at(rp_judging *j, const char *what, uint32_t result, int64_t i, double complex got,
                          double complex want, double allowed);

int rp_refusing(const char *message); // the primitive that a message begins with

static inline bool rp_differentiable(const ir_type *type) { return ir_is_differentiable(type->dtype); }

// judge_transforms.c

// The derivatives of j->p, whatever the chain goes on with.
void rp_check_derivatives(rp_judging *j);
// j->p becomes what the transform of this level makes of it. False: it was refused.
bool rp_apply_transform(rp_judging *j);

#endif
