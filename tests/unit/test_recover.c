// Counted loops against the scans that they become: golden programs and random loops.
//
// The loop as it is given, run by the interpreter, says what is right: the scan gives the same bits. Its
// reverse mode, which goes through the scan, is held to the forward mode of the loop, which does not, by the
// inner product identity; its batch to the loop, element by element.
//
//     test_recover [first seed] [how many loops]

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "../codegen/program_runs.h"
#include "../random/random.h"

enum { BATCH = 3, MOST_STEPS = 40 };

typedef struct job {
    ir_module *module;
    uint64_t seed;
    const char *path; // or NULL: a random loop
    bool recovered;   // what was found: no `while` is left
    bool refused;     // no loop that ends soon comes of this seed
} job;

// Random loops: a counter of any dtype, start, step and comparison; a second one; indices made of them in
// many ways, into an array that is read, one that is written, and one that is both.

typedef struct random_loop {
    uint64_t *state;
    ir_builder *b;
    cv_dtype counter;
    int64_t first, step, limit;
    ir_primitive compares;
    int64_t rows;
} random_loop;

static int64_t wrapped(cv_dtype dtype, int64_t value) {
    union ir_scalar scalar = {0};
    ir_scalar_from_int(&scalar, dtype, value);
    return ir_scalar_to_int(&scalar, dtype);
}

static bool goes_on(ir_primitive p, int64_t a, int64_t b) {
    switch (p) {
    case IR_lt: return a < b;
    case IR_le: return a <= b;
    case IR_gt: return a > b;
    case IR_ge: return a >= b;
    default: return p == IR_ne ? a != b : a == b;
    }
}

static bool ends_soon(const random_loop *l) {
    int64_t i = l->first;
    for (int steps = 0; steps < MOST_STEPS; steps++) {
        if (!goes_on(l->compares, i, l->limit)) return true;
        i = wrapped(l->counter, i + l->step);
    }
    return false;
}

static random_loop choose_loop(uint64_t *state) {
    static const cv_dtype dtypes[] = {CV_S32, CV_S32, CV_S64, CV_U8, CV_S8, CV_U32, CV_S16};
    static const ir_primitive comparisons[] = {IR_lt, IR_lt, IR_le, IR_gt, IR_ge, IR_ne, IR_eq};
    random_loop l = {
        .state = state, .counter = dtypes[rp_below(state, 7)], .compares = comparisons[rp_below(state, 7)]};
    static const int64_t starts[] = {0, 0, 0, 1, 5, 9, 120, 250, INT32_MAX - 3, -3};
    l.first = wrapped(l.counter, starts[rp_below(state, 10)]);
    l.step = rp_below(state, 7) - 3;
    if (!l.step || rp_below(state, 2)) l.step = 1;
    int64_t steps = rp_below(state, 9);
    l.limit = wrapped(l.counter, l.first + l.step * steps + (rp_below(state, 4) == 0));
    l.rows = steps + rp_below(state, 3);
    return l;
}

static ir_val number(random_loop *l, const ir_type *type, int64_t value) {
    return ir_full_int(l->b, type, value);
}

// An index into `rows` rows, made of the counter i in step t: mostly first + slope * t within bounds.
static ir_val random_index(random_loop *l, ir_val i, ir_val other) {
    const ir_type *type = ir_type_of(l->b, i);
    switch (rp_below(l->state, 7)) {
    case 0: return other;
    case 1: { // the last row first
        ir_val last = number(l, ir_type_of(l->b, other), l->rows - 1);
        return ir_sub(l->b, last, other);
    }
    case 2: { // from the end if it is negative
        ir_val zero = number(l, type, 0), n = number(l, type, l->rows);
        ir_val t = ir_sub(l->b, i, number(l, type, l->first));
        return ir_select(l->b, ir_lt(l->b, t, zero), ir_add(l->b, t, n), t);
    }
    case 3: return ir_convert(l->b, ir_sub(l->b, i, number(l, type, l->first)), CV_S64);
    case 4: return ir_min(l->b, other, number(l, ir_type_of(l->b, other), l->rows - 1));
    case 5: { // half the counter's way, perhaps out of bounds
        ir_val t = ir_mul(l->b, other, number(l, ir_type_of(l->b, other), 1 + rp_below(l->state, 2)));
        return ir_add(l->b, t, number(l, ir_type_of(l->b, other), rp_below(l->state, 3) - 1));
    }
    default: return i;
    }
}

static ir_val row_at(random_loop *l, ir_val x, ir_val index) {
    int64_t sizes[2] = {1, ir_type_of(l->b, x)->dims[1]};
    ir_val start[2] = {index, number(l, ir_type_of(l->b, index), 0)};
    ir_val row = ir_dynamic_slice(l->b, x, start, (ir_dims){2, sizes});
    return ir_reshape(l->b, row, (ir_dims){1, sizes + 1});
}

static ir_val with_row(random_loop *l, ir_val x, ir_val row, ir_val index) {
    int64_t shape[2] = {1, ir_type_of(l->b, x)->dims[1]};
    ir_val start[2] = {index, number(l, ir_type_of(l->b, index), 0)};
    ir_val rows = rp_below(l->state, 2) ? ir_reshape(l->b, row, (ir_dims){2, shape})
                                     : ir_broadcast_in_dim(l->b, row, (ir_dims){2, shape}, IR_DIMS(1));
    return ir_dynamic_update_slice(l->b, x, rows, start);
}

// The body's parameters: x, limit, then the carries i, j, state, written, both.
enum { X, LIMIT, I, J, STATE, WRITTEN, BOTH, PARAMS };

static const ir_function *random_body(random_loop *l, ir_module *module, const ir_type *const *types) {
    l->b = ir_builder_new(module, "body");
    ir_val p[PARAMS], out[PARAMS];
    for (int k = 0; k < PARAMS; k++) p[k] = ir_param(l->b, types[k]);
    ir_val row = row_at(l, p[X], random_index(l, p[I], p[J]));
    ir_val next = ir_sin(l->b, ir_add(l->b, p[STATE], row));
    if (rp_below(l->state, 3) == 0) {
        ir_val i = ir_convert(l->b, rp_below(l->state, 2) ? p[I] : p[J], CV_F64);
        next = ir_mul(l->b, next, ir_broadcast_leading(l->b, ir_sin(l->b, i), types[STATE]->dims[0]));
    }
    out[WRITTEN] = with_row(l, p[WRITTEN], rp_below(l->state, 2) ? p[STATE] : next, random_index(l, p[I], p[J]));
    ir_val read = rp_below(l->state, 2) ? row_at(l, p[BOTH], random_index(l, p[I], p[J])) : next;
    out[BOTH] = with_row(l, p[BOTH], ir_mul(l->b, read, next), random_index(l, p[I], p[J]));
    out[STATE] = next;
    if (rp_below(l->state, 4) == 0)
        out[STATE] = ir_add(l->b, next, row_at(l, p[X], random_index(l, p[I], p[J])));
    out[I] = ir_add(l->b, p[I], number(l, types[I], l->step));
    out[J] = ir_add(l->b, p[J], number(l, types[J], 1));
    return ir_finish(l->b, out + I, PARAMS - I);
}

static const ir_function *random_condition(random_loop *l, ir_module *module, const ir_type *const *types) {
    l->b = ir_builder_new(module, "cond");
    ir_val p[PARAMS], result;
    for (int k = LIMIT; k < PARAMS; k++) p[k] = ir_param(l->b, types[k]);
    result = ir_emit(l->b, l->compares, (ir_val[]){p[I], p[LIMIT]}, 2, NULL);
    if (rp_below(l->state, 4) == 0) result = ir_not(l->b, ir_not(l->b, result));
    return ir_finish(l->b, &result, 1);
}

// Parameters: x, state, written, both.
static const ir_function *random_loop_of(ir_module *module, random_loop *l) {
    int64_t rows = l->rows ? l->rows : 1;
    const ir_type *array = ir_type_get(module, CV_F64, 2, IR_DIMS(rows, 2).at);
    const ir_type *types[PARAMS] = {array,
                                    ir_type_scalar(module, l->counter),
                                    ir_type_scalar(module, l->counter),
                                    ir_type_scalar(module, CV_S32),
                                    ir_type_get(module, CV_F64, 1, IR_DIMS(2).at),
                                    array,
                                    array};
    ir_while_attributes a = {.cond_constants = 1, .body_constants = 2};
    a.cond = random_condition(l, module, types);
    a.body = random_body(l, module, types);
    ir_builder *b = ir_builder_new(module, "main");
    ir_val x = ir_param(b, array), limit = ir_full_int(b, types[LIMIT], l->limit);
    ir_val in[] = {limit,
                   x,
                   limit,
                   ir_full_int(b, types[I], l->first),
                   ir_full_int(b, types[J], 0),
                   ir_param(b, types[STATE]),
                   ir_param(b, array),
                   ir_param(b, array)};
    ir_val first = ir_emit(b, IR_while, in, 8, &a);
    ir_val results[] = {first, first + 1, first + 2, first + 3, first + 4};
    return ir_finish(b, results, 5);
}

// Runs.

static ir_array *arrays(base_arena *arena, const ir_function *f, bool results, uint64_t *state) {
    uint32_t n = results ? f->n_results : f->n_params;
    ir_array *made = base_new_array(arena, ir_array, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const ir_type *type = results ? ir_result_type(f, i) : f->types[i];
        made[i] = (ir_array){type, base_arena_zeroed(arena, type->bytes + 1)};
        if (state) rp_fill(&made[i], state);
    }
    return made;
}

static double dot(const ir_array *a, const ir_array *b) {
    double sum = 0;
    size_t size = cv_dtype_size(a->type->dtype);
    for (int64_t i = 0; i < a->type->count; i++) {
        union ir_scalar x = {0}, y = {0};
        memcpy(&x, (const char *)a->data + (size_t)i * size, size);
        memcpy(&y, (const char *)b->data + (size_t)i * size, size);
        sum += ir_scalar_to_double(&x, a->type->dtype) * ir_scalar_to_double(&y, a->type->dtype);
    }
    return sum;
}

static void check_same_bits(const ir_function *loop, const ir_function *scan, uint64_t seed,
                            base_arena *arena) {
    ir_array *in = arrays(arena, loop, false, &seed), *want = arrays(arena, loop, true, NULL),
             *got = arrays(arena, scan, true, NULL);
    ir_interpret(loop, in, want);
    ir_interpret(scan, in, got);
    for (uint32_t i = 0; i < loop->n_results; i++)
        if (memcmp(want[i].data, got[i].data, want[i].type->bytes))
            base_raise(CV_INTERNAL, "result %u of the scan is another than that of the loop", i);
}

// <ct, J v> of the loop is <J^T ct, v> of the scan.
static void check_reverse(const ir_function *loop, uint64_t seed, base_arena *arena) {
    bool *active = base_new_array(arena, bool, loop->n_params + 1);
    for (uint32_t i = 0; i < loop->n_params; i++) active[i] = ir_is_differentiable(loop->types[i]->dtype);
    xf_jvp_result forward = xf_jvp(loop, active, NULL);
    const ir_function *jvp = forward.function, *vjp = xf_vjp(loop, active);
    ir_array *in = arrays(arena, jvp, false, &seed), *tangents = arrays(arena, jvp, true, NULL);
    ir_array *in_back = arrays(arena, vjp, false, &seed), *back = arrays(arena, vjp, true, NULL);
    for (uint32_t i = 0; i < loop->n_params; i++) in_back[i] = in[i];
    ir_interpret(jvp, in, tangents);
    ir_interpret(vjp, in_back, back);
    double along = 0, against = 0, size = 0;
    for (uint32_t o = 0, next = loop->n_results, ct = loop->n_params; o < loop->n_results; o++) {
        if (!ir_is_differentiable(ir_result_type(loop, o)->dtype)) continue;
        if (forward.active_out[o]) along += dot(&tangents[next], &in_back[ct]);
        next += forward.active_out[o];
        ct++;
    }
    for (uint32_t i = 0, next = 0; i < loop->n_params; i++) {
        if (!active[i]) continue;
        double part = dot(&back[loop->n_results + next], &in[loop->n_params + next]);
        against += part;
        size += fabs(part);
        next++;
    }
    if (!(fabs(along - against) <= tolerance_of(loop, arena) * fmax(size, 1)))
        base_raise(CV_INTERNAL, "forward mode gives %.12g, reverse mode %.12g", along, against);
}

static void check_batch(const ir_function *loop, const ir_function *scan, uint64_t seed, base_arena *arena) {
    bool *batched = base_new_array(arena, bool, loop->n_params + 1),
         *all = base_new_array(arena, bool, loop->n_results + 1);
    for (uint32_t i = 0; i < loop->n_params; i++) batched[i] = (seed + i) % 3 != 0;
    memset(all, true, loop->n_results);
    const ir_function *f = xf_batch(scan, batched, all, BATCH, NULL).function;
    ir_array *in = arrays(arena, f, false, &seed), *got = arrays(arena, f, true, NULL);
    ir_array *one = base_new_array(arena, ir_array, loop->n_params + 1),
             *want = arrays(arena, loop, true, NULL);
    ir_interpret(f, in, got);
    for (int e = 0; e < BATCH; e++) {
        for (uint32_t i = 0; i < loop->n_params; i++) {
            one[i] = (ir_array){loop->types[i], in[i].data};
            if (batched[i]) one[i].data = (char *)in[i].data + (size_t)e * loop->types[i]->bytes;
        }
        ir_interpret(loop, one, want);
        for (uint32_t i = 0; i < loop->n_results; i++)
            compare((char *)got[i].data + (size_t)e * want[i].type->bytes, &want[i], i,
                    tolerance_of(loop, arena));
    }
}

static bool has_while(const ir_function *f, base_arena *arena) {
    base_text text = {.arena = arena};
    ir_print(&text, f);
    return strstr(base_text_get(&text), " = while ");
}

static void check(void *argument) {
    job *j = argument;
    base_arena *arena = xf_scratch();
    uint64_t state = j->seed;
    const ir_function *f;
    if (j->path) {
        f = read_program(j->module, j->path, arena);
    } else {
        random_loop l = choose_loop(&state);
        j->refused = !ends_soon(&l);
        if (j->refused) return;
        f = random_loop_of(j->module, &l);
    }
    const ir_function *scan = xf_recover_scans(f);
    ir_verify(scan);
    j->recovered = !has_while(scan, arena);
    if (getenv("COVECTOR_SHOW")) {
        base_text text = {.arena = arena};
        ir_print(&text, f);
        ir_print(&text, scan);
        printf("%s\n", base_text_get(&text));
    }
    check_same_bits(f, scan, state, arena);
    if (xf_recover_scans(scan) != scan) base_raise(CV_INTERNAL, "a program of scans changes again");
    check_batch(f, scan, state, arena);
    if (j->recovered) check_reverse(f, state, arena);
}

static int failures, recovered, kept;

static void run(job *j) {
    base_failure failure;
    if (base_protect(check, j, &failure)) {
        failures++;
        printf("FAILED %s %llu: %s\n", j->path ? j->path : "seed", (unsigned long long)j->seed,
               failure.message);
    } else if (!j->refused) {
        recovered += j->recovered;
        kept += !j->recovered;
    }
}

static void run_goldens(ir_module *module, const char *source) {
    char folder[512], path[800];
    snprintf(folder, sizeof folder, "%s/tests/ir/recover", source);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!strstr(entry->d_name, ".ir")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        run(&(job){.module = module, .seed = 7, .path = path});
    }
    if (directory) closedir(directory);
}

int main(int n, char **words) {
    uint64_t first = n > 1 ? strtoull(words[1], NULL, 10) : 1,
             loops = n > 2 ? strtoull(words[2], NULL, 10) : 1500;
    const char *source = getenv("COVECTOR_SOURCE");
    ir_module *module = ir_module_new();
    module->verify = true;
    if (source) run_goldens(module, source);
    int golden = recovered;
    for (uint64_t seed = first; seed < first + loops; seed++) run(&(job){.module = module, .seed = seed});
    ir_module_free(module);
    printf("counted loops: %d became scans, %d did not, %d failed\n", recovered, kept, failures);
    if (source && golden < 10) failures++, printf("FAILED: only %d golden programs became scans\n", golden);
    if (recovered < kept) failures++, printf("FAILED: most random loops should become scans\n");
    return failures != 0;
}
