// Random well-typed programs: drawn by a table (rows.c, generate.c), judged (widen.c, judge.c), and made
// small where they fail (shrink.c).
//
// A case is a program, a chain of transforms and a seed, from which arguments, masks and axes are drawn. Its
// text (rp_print) is what a file under tests/regressions/ holds.
#ifndef TESTS_RANDOM_RANDOM_H
#define TESTS_RANDOM_RANDOM_H

#include "ir/builder.h"
#include "ir/rules.h"

// Numbers: splitmix64 (Steele, Lea, Flood 2014).
static inline uint64_t rp_bits(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline int64_t rp_below(uint64_t *state, int64_t n) {
    return n > 0 ? (int64_t)(rp_bits(state) % (uint64_t)n) : 0;
}

// A state of its own for each purpose (which) of a seed.
static inline uint64_t rp_state(uint64_t seed, uint64_t which) {
    uint64_t state = seed * 0x2545f4914f6cdd1d + which * 0x9e6c63d0876a9a47;
    rp_bits(&state);
    return state;
}

// generate.c

typedef struct rp_options {
    uint32_t dtypes;               // that are drawn: bit d; 0: all
    bool (*takes)(ir_primitive p); // which primitives are drawn; NULL: all
    int steps, params, results;    // 0: as drawn
    uint64_t *drawn;               // of each primitive: how often it was; NULL: not counted
} rp_options;

const ir_function *rp_generate(ir_module *module, uint64_t *state, const rp_options *options);
// Elements: floating ones are multiples of 1/16 from -2 to 2, integers small; the second: these at times
// anything.
void rp_fill(const ir_array *array, uint64_t *state);
void rp_fill_widely(const ir_array *array, uint64_t *state);
// Raises if a primitive has no row.
void rp_check_rows(void);

// judge.c

typedef enum rp_kind { RP_JVP, RP_VJP, RP_VMAP, RP_GRAD, RP_KINDS } rp_kind;
extern const char *const rp_kind_names[RP_KINDS];
enum { RP_MAX_TRANSFORMS = 3 };

typedef struct rp_case {
    ir_module *module;
    uint64_t seed;
    const ir_function *f;
    int n;
    rp_kind kinds[RP_MAX_TRANSFORMS];
} rp_case;

// What was looked at.
typedef struct rp_tally {
    uint64_t elements, undecided;          // of results; those that rounding may make anything
    uint64_t slopes, slopes_undecided;     // elements of tangents, by differences; where there was no limit
    uint64_t products, products_undecided; // transposes, by inner products; those open to rounding
    uint64_t derivatives, derivatives_nonzero; // programs with slopes; those where one was found not to be 0
    uint64_t same_bits;                        // elements that were held to the same bits
    uint64_t transforms[RP_KINDS], too_large, refused[IR_PRIMITIVE_COUNT];
} rp_tally;

// Raises CV_INVALID with "what: how" where a check fails. A transform that is refused ends the chain.
void rp_judge(const rp_case *c, rp_tally *tally);

// widen.c

// The program with f64 for every floating dtype, c128 for complex ones; the line of an operation's place is
// the dtype that it had (of its result; of its operand where that is a bool).
const ir_function *rp_widen(const ir_function *f);

// What stop_gradient and bitcast_convert gave in the first of several runs; the others take it from here.
typedef struct rp_stopped {
    base_vector(ir_array) kept;
    uint32_t next;
    bool replayed, lost; // lost: a run went another way
} rp_stopped;

typedef struct rp_run {
    uint64_t noise;      // 0: exactly; others: every rounding of the original program becomes one that is
                         // drawn from this number
    bool in_f64;         // of operations: every rounding of the wide program
    bool apart;          // stop_gradient gives a number near its operand
    rp_stopped *stopped; // or NULL
} rp_run;

// Runs a widened program. Arrays may have the original dtypes; those that come out are wide.
ir_array *rp_run_wide(base_arena *arena, const ir_function *wide, const ir_array *in, const rp_run *how);
double rp_unit(cv_dtype dtype); // half the distance of numbers of a dtype at 1
// The error of a primitive in units in the last place, as stated in ir/accuracy.h; 0: it has no row there.
double rp_stated_error(ir_primitive p);
// Whether a sum, product and the like has terms in any order.
bool rp_adds_up(ir_primitive p);

// shrink.c

// A smaller case that fails in the same way (as far as the colon), within this time. Its function belongs to
// the protected call.
rp_case rp_shrink(const rp_case *c, double seconds);
// "// seed: ...", "// transforms: ...", the program; and back.
void rp_print(base_text *text, const rp_case *c);
rp_case rp_parse(ir_module *module, const char *file, const char *text);

#endif
