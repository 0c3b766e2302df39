// The generator and its table: what generate.c gives and rows.c uses.
#ifndef TESTS_RANDOM_ROWS_H
#define TESTS_RANDOM_ROWS_H

#include <math.h>

#include "random.h"

// A value to draw from. What is known of floating ones: that elements (both parts of complex ones) lie from
// low to high, and whether they are simple fractions that no rounding has touched.
typedef struct rp_value {
    ir_val v;
    double low, high;
    bool exact;
} rp_value;

typedef struct rp_generator {
    ir_builder *b;
    uint64_t *state;
    const rp_options *options;
    base_vector(rp_value) pool;
    int depth;
    bool scalar;                // a function of scalars, which holds no others
    cv_dtype main;              // the dtype of about half of what is drawn
    const int64_t (*shapes)[5]; // rank, sizes
} rp_generator;

enum { RP_SHAPES = 5, RP_MAX_COUNT = 400, RP_MAX_RESULTS = 6 };

typedef struct rp_range {
    double low, high;
} rp_range;

// How operands of a primitive are drawn.
typedef struct rp_row {
    void (*draw)(rp_generator *g, ir_primitive p);
    int weight;          // how often; 0 counts as 2
    rp_range in[3];      // of floating operands; 0, 0: any
    rp_range complex_in; // of all complex operands; 0, 0: as the others
    rp_range out;        // of the result, if floating
    bool jumps;          // operands are made exact
} rp_row;

extern const rp_row rp_rows[IR_PRIMITIVE_COUNT];

bool rp_allows(const rp_generator *g, ir_primitive p, cv_dtype dtype);
const ir_type *rp_type_of(const rp_generator *g, rp_value x);
const ir_type *rp_random_type(rp_generator *g);
// A value of the pool, or a new constant.
rp_value rp_any(rp_generator *g);
// One whose dtype the primitive takes, and is drawn; v is IR_NONE if there is none.
rp_value rp_any_for(rp_generator *g, ir_primitive p);
rp_value rp_of_dtype(rp_generator *g, rp_value x, cv_dtype dtype);
rp_value rp_of_type(rp_generator *g, const ir_type *type); // from the pool, moved and converted
rp_value rp_fit(rp_generator *g, rp_value x, rp_range range);
rp_value rp_exact(rp_generator *g, rp_value x);
void rp_add(rp_generator *g, ir_val v, rp_range range, bool exact);
void rp_add_results(rp_generator *g, ir_val first, uint32_t n, rp_range range);
// A function with these parameters and results. A result with same[i] >= 0 is at times that parameter, or
// near it.
const ir_function *rp_function(rp_generator *outer, const ir_type *const *in, uint32_t n_in,
                               const ir_type *const *out, uint32_t n_out, const int *same, bool scalar);
static const rp_range rp_body_range = {-4, 4}; // of floating parameters and results of functions inside

static inline int64_t below(rp_generator *g, int64_t n) { return rp_below(g->state, n); }
static inline rp_range range_of(rp_value x) { return (rp_range){x.low, x.high}; }

static inline rp_range both(rp_value x, rp_value y) {
    return (rp_range){fmin(x.low, y.low), fmax(x.high, y.high)};
}

static inline rp_range times(rp_range r, double n) {
    return (rp_range){fmin(r.low * n, r.low), fmax(r.high * n, r.high)};
}

static inline const ir_type *scalar_type(rp_generator *g, cv_dtype dtype) {
    return ir_type_scalar(g->b->module, dtype);
}

// The types that a movement keeps: bounds and exactness.
static inline void add_moved(rp_generator *g, ir_val v, rp_value from) {
    rp_add(g, v, range_of(from), from.exact);
}

static inline void shuffle(rp_generator *g, int64_t *at, int64_t n) {
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = below(g, i + 1), swapped = at[i];
        at[i] = at[j];
        at[j] = swapped;
    }
}

// Some axes, in any order; at least one if there is any.
static inline ir_dims some_axes(rp_generator *g, int64_t rank, int64_t *axes) {
    for (int64_t i = 0; i < rank; i++) axes[i] = i;
    shuffle(g, axes, rank);
    return (ir_dims){rank ? 1 + below(g, rank) : 0, axes};
}

// Operations that hold functions: rows_control.c.
void rp_sort(rp_generator *g, ir_primitive p);
void rp_reduce(rp_generator *g, ir_primitive p);
void rp_call(rp_generator *g, ir_primitive p);
void rp_cond(rp_generator *g, ir_primitive p);
void rp_while(rp_generator *g, ir_primitive p);
void rp_scan(rp_generator *g, ir_primitive p);

#endif
