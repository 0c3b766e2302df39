// Index arithmetic: s64 expressions in a canonical form.
//
// A sum is taken apart into factors of atoms (what is neither a sum nor a multiple: counters, loads,
// quotients, remainders, ...) and a constant, and put together again as
// ((a*2 + b*3) + c) + 7: atoms of outer loops first, so that what an inner loop repeats is a prefix,
// the constant last. There is no subtraction: it is a factor of -1. All of this is exact where
// integers wrap, so it serves the user's s64 arithmetic as well.
//
// Division is not exact there. It looks at ranges: as long as no part of a sum can leave s64, the sum
// is the integer that it looks like, and x = d*a + b gives a + b/d and b mod d, where b/d and b mod d are
// plain if b spans no multiple of d. What a reshape does to indices and its inverse undoes is
// quotients and remainders: d*(x/d) + x mod d is put together to x.
//
// A sum of more than MAX_TERMS atoms is left as it was made; it is an atom of what contains it.

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

enum { MAX_TERMS = 24, MAX_VISITS = 64 };

typedef struct term {
    cg_expr atom;
    int64_t factor;
} term;

typedef struct linear {
    int64_t constant;
    uint32_t n;
    term terms[MAX_TERMS];
} linear;

static int64_t wrapping_add(int64_t x, int64_t y) { return (int64_t)((uint64_t)x + (uint64_t)y); }
static int64_t wrapping_mul(int64_t x, int64_t y) { return (int64_t)((uint64_t)x * (uint64_t)y); }
static int64_t floor_divide(int64_t x, int64_t d) { return x / d - (x % d < 0); }

static void remove_term(linear *l, uint32_t i) { l->terms[i] = l->terms[--l->n]; }

static bool add_term(linear *l, cg_expr atom, int64_t factor) {
    if (!factor) return true;
    for (uint32_t i = 0; i < l->n; i++) {
        if (l->terms[i].atom != atom) continue;
        l->terms[i].factor = wrapping_add(l->terms[i].factor, factor);
        if (!l->terms[i].factor) remove_term(l, i);
        return true;
    }
    if (l->n == MAX_TERMS) return false;
    l->terms[l->n++] = (term){atom, factor};
    return true;
}

static bool is_constant(const cg_kernel *k, cg_expr e) { return cg_node_of(k, e)->kind == CG_CONSTANT; }
static int64_t constant_of(const cg_kernel *k, cg_expr e) { return cg_node_of(k, e)->value.s64; }

// The depth of the recursion is bounded by the number of visits.
static bool collect(const cg_kernel *k, linear *l, cg_expr e, int64_t factor, int *visits) {
    for (;;) {
        if (++*visits > MAX_VISITS) return false;
        const cg_node *n = cg_node_of(k, e);
        if (n->kind == CG_CONSTANT) {
            l->constant = wrapping_add(l->constant, wrapping_mul(factor, n->value.s64));
            return true;
        }
        if (n->kind == CG_APPLY && n->primitive == IR_add) {
            if (!collect(k, l, n->args[1], factor, visits)) return false;
        } else if (n->kind == CG_APPLY && n->primitive == IR_mul && is_constant(k, n->args[1])) {
            factor = wrapping_mul(factor, constant_of(k, n->args[1]));
        } else {
            return add_term(l, e, factor);
        }
        e = n->args[0];
    }
}

// l + factor * e; e is an atom if it is too long.
static bool add_multiple(const cg_kernel *k, linear *l, cg_expr e, int64_t factor) {
    linear before = *l;
    int visits = 0;
    if (collect(k, l, e, factor, &visits)) return true;
    *l = before;
    return add_term(l, e, factor);
}

// False if a part of the sum may wrap.
static bool range_of(const cg_kernel *k, const linear *l, cg_range *range) {
    *range = (cg_range){l->constant, l->constant};
    for (uint32_t i = 0; i < l->n; i++) {
        cg_range atom = cg_range_of(k, l->terms[i].atom);
        int64_t f = l->terms[i].factor, low, high;
        if (__builtin_mul_overflow(f, f < 0 ? atom.high : atom.low, &low) ||
            __builtin_mul_overflow(f, f < 0 ? atom.low : atom.high, &high) ||
            __builtin_add_overflow(range->low, low, &range->low) ||
            __builtin_add_overflow(range->high, high, &range->high))
            return false;
    }
    return true;
}

// d*(x/d) + x mod d is x. Only one round: what it puts together may be a part of another pair, and then
// the sum that is built from it is looked at again.
static bool recombine(cg_kernel *k, linear *l) {
    for (uint32_t i = 0; i < l->n; i++) {
        cg_node n = *cg_node_of(k, l->terms[i].atom);
        if (n.kind != CG_REMAINDER) continue;
        int64_t factor = l->terms[i].factor;
        cg_expr quotient = cg_quotient(k, n.args[0], n.value.s64);
        for (uint32_t j = 0; j < l->n; j++) {
            term other = l->terms[j];
            if (other.atom != quotient || other.factor != wrapping_mul(factor, n.value.s64)) continue;
            linear before = *l;
            remove_term(l, i > j ? i : j);
            remove_term(l, i > j ? j : i);
            if (add_multiple(k, l, n.args[0], factor)) return true;
            *l = before;
        }
    }
    return false;
}

// Outer loops first: a mask with a higher bit is greater.
static bool stands_before(const cg_kernel *k, const term *a, const term *b) {
    const cg_node *x = cg_node_of(k, a->atom), *y = cg_node_of(k, b->atom);
    if (x->loops != y->loops) return x->loops < y->loops;
    if (x->kind != y->kind) return x->kind < y->kind;
    if (x->id != y->id) return x->id < y->id;
    return a->atom < b->atom;
}

static void sort_terms(const cg_kernel *k, linear *l) {
    for (uint32_t i = 1; i < l->n; i++) {
        term moved = l->terms[i];
        uint32_t at = i;
        for (; at && stands_before(k, &moved, &l->terms[at - 1]); at--) l->terms[at] = l->terms[at - 1];
        l->terms[at] = moved;
    }
}

static cg_expr plain(cg_kernel *k, ir_primitive primitive, cg_expr x, cg_expr y) {
    cg_expr args[] = {x, y};
    return cg_intern_apply(k, primitive, CV_S64, args, 2, cg_apply_range(k, primitive, CV_S64, args));
}

static cg_expr build(cg_kernel *k, linear *l) {
    for (bool again = true; again;) again = recombine(k, l);
    sort_terms(k, l);
    cg_expr sum = CG_ABSENT;
    for (uint32_t i = 0; i < l->n; i++) {
        cg_expr e = l->terms[i].atom;
        if (l->terms[i].factor != 1) e = plain(k, IR_mul, e, cg_int(k, l->terms[i].factor));
        sum = sum == CG_ABSENT ? e : plain(k, IR_add, sum, e);
    }
    if (sum == CG_ABSENT) return cg_int(k, l->constant);
    return l->constant ? plain(k, IR_add, sum, cg_int(k, l->constant)) : sum;
}

cg_expr cg_combine(cg_kernel *k, cg_expr x, int64_t x_factor, cg_expr y, int64_t y_factor) {
    linear l = {0};
    if (!add_multiple(k, &l, x, x_factor) || !add_multiple(k, &l, y, y_factor)) {
        l = (linear){0};
        add_term(&l, x, x_factor);
        add_term(&l, y, y_factor);
    }
    return build(k, &l);
}

cg_expr cg_add(cg_kernel *k, cg_expr x, cg_expr y) { return cg_combine(k, x, 1, y, 1); }
cg_expr cg_scale(cg_kernel *k, cg_expr x, int64_t factor) { return cg_combine(k, x, factor, x, 0); }

cg_expr cg_clamp(cg_kernel *k, cg_expr x, int64_t low, int64_t high) {
    cg_expr args[] = {cg_int(k, low), x, cg_int(k, high)};
    return cg_apply(k, IR_clamp, CV_S64, args, 3);
}

// The difference is that of the integers if it cannot wrap, however its terms are put together.
bool cg_difference_range(const cg_kernel *k, cg_expr x, cg_expr y, cg_range *range) {
    linear a = {0}, b = {0}, both = {0};
    cg_range of_x, of_y;
    int64_t low, high;
    return add_multiple(k, &a, x, 1) && range_of(k, &a, &of_x) && add_multiple(k, &b, y, 1) &&
           range_of(k, &b, &of_y) && !__builtin_sub_overflow(of_x.low, of_y.high, &low) &&
           !__builtin_sub_overflow(of_x.high, of_y.low, &high) && add_multiple(k, &both, x, 1) &&
           add_multiple(k, &both, y, -1) && range_of(k, &both, range);
}

// Division. The node itself, after what holds for all integers: x/a/b is x/(ab), (x mod ab)/b is
// x/b mod a, (x mod ab) mod b is x mod b.

static cg_expr divide_atom(cg_kernel *k, cg_node_kind kind, cg_expr x, int64_t d) {
    cg_node n = *cg_node_of(k, x);
    int64_t product;
    if (kind == CG_QUOTIENT && n.kind == CG_QUOTIENT && !__builtin_mul_overflow(n.value.s64, d, &product))
        return cg_quotient(k, n.args[0], product);
    if (n.kind == CG_REMAINDER && n.value.s64 % d == 0)
        return kind == CG_REMAINDER ? cg_remainder(k, n.args[0], d)
                                    : cg_remainder(k, cg_quotient(k, n.args[0], d), n.value.s64 / d);
    cg_node made = {.kind = kind, .dtype = CV_S64, .n_args = 1, .args = {x}, .value = CG_NO_VALUE};
    made.value.s64 = d;
    if (kind == CG_QUOTIENT) {
        made.low = floor_divide(n.low, d);
        made.high = floor_divide(n.high, d);
    } else {
        made.high = n.low >= 0 && n.high < d ? n.high : d - 1;
    }
    return cg_intern(k, &made);
}

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

// l = d*multiple + rest, where rest, as far as a constant can do that, lies in 0 .. d-1. False if a part
// may wrap. Factors are divided towards zero, so that those smaller than d stay as they are.
static bool split(const cg_kernel *k, const linear *l, int64_t d, bool whole_factors, linear *multiple,
                  linear *rest, bool *inside) {
    cg_range range;
    *multiple = (linear){0};
    *rest = (linear){.constant = l->constant};
    for (uint32_t i = 0; i < l->n; i++) {
        int64_t factor = l->terms[i].factor, left = factor % d;
        if (whole_factors && left) left = factor;
        add_term(multiple, l->terms[i].atom, (factor - left) / d);
        add_term(rest, l->terms[i].atom, left);
    }
    if (!range_of(k, rest, &range)) return false;
    int64_t steps = floor_divide(range.low, d), shift;
    bool one_period = steps == floor_divide(range.high, d);
    *inside = one_period;
    if (one_period || steps > 0) {
        if (__builtin_mul_overflow(steps, d, &shift) ||
            __builtin_sub_overflow(rest->constant, shift, &rest->constant))
            return false;
        multiple->constant = steps;
    }
    return range_of(k, rest, &range) && range_of(k, multiple, &range);
}

// The largest divisor g of d with l = g*multiple + rest, 0 <= rest < g; then l/d is multiple/(d/g). 1: none.
static int64_t common_part(const cg_kernel *k, const linear *l, int64_t d, linear *multiple, linear *rest) {
    int64_t best = 1;
    for (uint32_t i = 0; i < l->n; i++) {
        int64_t g = common_divisor(d, l->terms[i].factor);
        linear m, r;
        bool inside;
        if (g <= best || !split(k, l, g, true, &m, &r, &inside) || !inside) continue;
        best = g;
        *multiple = m;
        *rest = r;
    }
    return best;
}

static cg_expr divide(cg_kernel *k, cg_node_kind kind, cg_expr x, int64_t d) {
    base_check(d > 0 && x < k->nodes.n && cg_node_of(k, x)->dtype == CV_S64);
    if (d == 1) return kind == CG_QUOTIENT ? x : cg_int(k, 0);
    linear l = {0}, multiple, rest, inner, below;
    cg_range range;
    bool inside;
    if (!add_multiple(k, &l, x, 1) || !range_of(k, &l, &range) ||
        !split(k, &l, d, false, &multiple, &rest, &inside))
        return divide_atom(k, kind, x, d);
    if (inside) return build(k, kind == CG_QUOTIENT ? &multiple : &rest);
    cg_expr e;
    int64_t g = common_part(k, &rest, d, &inner, &below);
    if (g == 1) {
        e = divide_atom(k, kind, build(k, &rest), d);
    } else {
        e = divide(k, kind, build(k, &inner), d / g);
        if (kind == CG_REMAINDER) return cg_combine(k, e, g, build(k, &below), 1);
    }
    if (kind == CG_REMAINDER) return e;
    return cg_combine(k, e, 1, build(k, &multiple), 1);
}

cg_expr cg_quotient(cg_kernel *k, cg_expr x, int64_t divisor) { return divide(k, CG_QUOTIENT, x, divisor); }
cg_expr cg_remainder(cg_kernel *k, cg_expr x, int64_t divisor) { return divide(k, CG_REMAINDER, x, divisor); }

bool cg_affine(const cg_kernel *k, cg_expr e, uint64_t loops, int64_t coefficients[CG_MAX_LOOPS]) {
    linear l = {0};
    memset(coefficients, 0, sizeof *coefficients * CG_MAX_LOOPS);
    if (!(cg_node_of(k, e)->loops & loops)) return true;
    if (!add_multiple(k, &l, e, 1)) return false;
    for (uint32_t i = 0; i < l.n; i++) {
        const cg_node *n = cg_node_of(k, l.terms[i].atom);
        if (!(n->loops & loops)) continue;
        if (n->kind != CG_INDEX) return false;
        coefficients[n->id] = l.terms[i].factor;
    }
    return true;
}
