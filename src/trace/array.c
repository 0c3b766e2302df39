// Buffers, and the public functions on arrays: from C memory to handles and back.
//
// A buffer is one allocation, header and data, with the data at a multiple of 64 bytes (a cache line, and
// the widest vector); a view has the user's memory instead and calls the user when it goes. Handles,
// captures and running calls count as references; whoever lets the last one go frees it.

#include <math.h>
#include <string.h>

#include "ir/rules.h"
#include "runtime/allocator.h"
#include "trace/trace.h"

_Static_assert(sizeof(tr_buffer) <= RT_ALIGNMENT, "the header is in front of the data");

tr_buffer *tr_buffer_new(const ir_type *type) {
    if (type->bytes > SIZE_MAX / 2) base_raise(CV_OUT_OF_MEMORY, "out of memory");
    tr_buffer *buffer = rt_allocate(RT_ALIGNMENT + type->bytes);
    *buffer = (tr_buffer){.references = 1, .type = type, .data = (char *)buffer + RT_ALIGNMENT};
    return buffer;
}

tr_buffer *tr_buffer_around(const ir_type *type, void *data) {
    tr_buffer *buffer = rt_allocate(sizeof *buffer);
    *buffer = (tr_buffer){.references = 1, .type = type, .data = data, .is_view = true};
    return buffer;
}

void tr_buffer_release(tr_buffer *buffer) {
    if (!buffer || atomic_fetch_sub_explicit(&buffer->references, 1, memory_order_acq_rel) > 1) return;
    if (buffer->release) buffer->release(buffer->argument);
    rt_free(buffer);
}

void tr_buffer_release_later(void *buffer) {
    tr_buffer_release(buffer);
}

void tr_made_release(void *argument) {
    const tr_made *made = argument;
    for (uint32_t i = 0; i < made->n; i++) tr_buffer_release(made->buffers[i]);
}

// Making arrays

struct making {
    cv_dtype dtype, from; // from: of the data, where it is another
    cv_ints shape;
    const void *data;
    void (*release)(void *argument);
    void *argument;
    bool is_view, weak, is_literal;
    union ir_scalar value; // of a literal, of the dtype `literal`
    cv_dtype literal;
    cv_val out;
};

static const ir_type *type_for(cv_context *c, const struct making *a) {
    if ((unsigned)a->dtype >= CV_TAPE) base_raise(CV_INVALID, "%d is not the dtype of an array", (int)a->dtype);
    if (a->shape.n < 0 || (a->shape.n && !a->shape.at)) base_raise(CV_INVALID, "the shape has no sizes");
    const ir_type *type =
        a->shape.n ? ir_type_get(c->module, a->dtype, a->shape.n, a->shape.at) : c->scalars[a->dtype];
    if (!a->data && type->bytes) base_raise(CV_INVALID, "the data are NULL");
    return type;
}

static void put(struct making *a, tr_session *session, tr_buffer *buffer) {
    tr_array array = {.buffer = buffer, .weak = a->weak, .is_literal = a->is_literal, .literal = a->literal,
                      .value = a->value};
    a->out = tr_value_new(session->scope, &array);
}

static void make_array(void *argument) {
    struct making *a = argument;
    cv_context *c = tr_context();
    tr_session *session = tr_session_get(c);
    const ir_type *type = type_for(c, a);
    tr_buffer *buffer = tr_buffer_new(type);
    if (type->bytes) memcpy(buffer->data, a->data, type->bytes);
    if (type->dtype == CV_BOOL)
        for (int64_t i = 0; i < type->count; i++)
            ((uint8_t *)buffer->data)[i] = ((const uint8_t *)a->data)[i] != 0;
    put(a, session, buffer);
}

cv_val cv_array_at(cv_dtype dtype, cv_ints shape, const void *data, cv_here here) {
    struct making a = {.dtype = dtype, .shape = shape, .data = data, .out = TR_POISON};
    tr_enter("cv_array", here, make_array, &a);
    return a.out;
}

// Converts elements between memory of these types.
static void convert_elements(const ir_type *from, const void *data, const ir_type *to, void *memory) {
    ir_op op = {.primitive = IR_convert, .n_in = 1, .n_out = 1};
    ir_array in = {from, (void *)(uintptr_t)data}, out = {to, memory};
    ir_evaluate(IR_convert, &(ir_evaluation){.op = &op, .in = &in, .out = &out});
}

static void make_converted(void *argument) {
    struct making *a = argument;
    cv_context *c = tr_context();
    tr_session *session = tr_session_get(c);
    struct making given = {.dtype = a->from, .shape = a->shape, .data = a->data};
    const ir_type *type = type_for(c, a), *from = type_for(c, &given);
    tr_buffer *buffer = tr_buffer_new(type);
    convert_elements(from, a->data, type, buffer->data);
    put(a, session, buffer);
}

cv_val cv_array_from_at(cv_dtype dtype, cv_ints shape, cv_dtype from, const void *data, cv_here here) {
    struct making a = {.dtype = dtype, .from = from, .shape = shape, .data = data, .out = TR_POISON};
    tr_enter("cv_array_from", here, make_converted, &a);
    return a.out;
}

static void make_view(void *argument) {
    struct making *a = argument;
    cv_context *c = tr_context();
    tr_session *session = tr_session_get(c);
    const ir_type *type = type_for(c, a);
    size_t element = cv_dtype_size(a->dtype), alignment = element < 8 ? element : 8;
    if ((uintptr_t)a->data % alignment)
        base_raise(CV_INVALID, "the data lie at %p, and %s needs a multiple of %zu bytes", a->data,
                   cv_dtype_name(a->dtype), alignment);
    tr_buffer *buffer = tr_buffer_around(type, (void *)(uintptr_t)a->data);
    buffer->release = a->release;
    buffer->argument = a->argument;
    a->release = NULL; // the buffer calls it from now on
    put(a, session, buffer);
}

cv_val cv_array_view_at(cv_dtype dtype, cv_ints shape, const void *data, void (*release)(void *argument),
                        void *argument, cv_here here) {
    struct making a = {.dtype = dtype, .shape = shape, .data = data, .release = release, .argument = argument,
                       .out = TR_POISON};
    tr_enter("cv_array_view", here, make_view, &a);
    if (a.release) a.release(argument);
    return a.out;
}

static cv_val make_scalar(const char *name, cv_dtype dtype, const void *data) {
    struct making a = {.dtype = dtype, .data = data, .out = TR_POISON};
    tr_enter(name, TR_NOWHERE, make_array, &a);
    return a.out;
}

cv_val cv_bool(bool x) { return make_scalar("cv_bool", CV_BOOL, &(uint8_t){x}); }
cv_val cv_s8(int8_t x) { return make_scalar("cv_s8", CV_S8, &x); }
cv_val cv_s16(int16_t x) { return make_scalar("cv_s16", CV_S16, &x); }
cv_val cv_s32(int32_t x) { return make_scalar("cv_s32", CV_S32, &x); }
cv_val cv_s64(int64_t x) { return make_scalar("cv_s64", CV_S64, &x); }
cv_val cv_u8(uint8_t x) { return make_scalar("cv_u8", CV_U8, &x); }
cv_val cv_u16(uint16_t x) { return make_scalar("cv_u16", CV_U16, &x); }
cv_val cv_u32(uint32_t x) { return make_scalar("cv_u32", CV_U32, &x); }
cv_val cv_u64(uint64_t x) { return make_scalar("cv_u64", CV_U64, &x); }
cv_val cv_f16(double x) { return make_scalar("cv_f16", CV_F16, &(uint16_t){ir_f16_from_double(x)}); }
cv_val cv_bf16(double x) { return make_scalar("cv_bf16", CV_BF16, &(uint16_t){ir_bf16_from_double(x)}); }
cv_val cv_f32(float x) { return make_scalar("cv_f32", CV_F32, &x); }
cv_val cv_f64(double x) { return make_scalar("cv_f64", CV_F64, &x); }
cv_val cv_c64(float _Complex x) { return make_scalar("cv_c64", CV_C64, &x); }
cv_val cv_c128(double _Complex x) { return make_scalar("cv_c128", CV_C128, &x); }

// C scalars: in a trace a constant, outside a literal.

cv_dtype tr_settled_dtype(const cv_context *c, cv_dtype dtype, bool weak) {
    if (!weak) return dtype;
    if (dtype == CV_C128) return ir_complex_dtype(c->default_float);
    return dtype == CV_F64 ? c->default_float : dtype == CV_S64 ? CV_S32 : dtype;
}

static void make_literal(void *argument) {
    struct making *a = argument;
    cv_context *c = tr_context();
    tr_trace *t = tr_thread_get()->trace;
    if (t) {
        ir_val v = ir_constant(t->builder, c->scalars[a->literal], true, &a->value);
        tr_weak_set(t, v);
        a->out = (cv_val){v, t->id};
        return;
    }
    tr_session *session = tr_session_get(c);
    a->dtype = tr_settled_dtype(c, a->literal, true);
    tr_buffer *buffer = tr_buffer_new(c->scalars[a->dtype]);
    union ir_scalar settled = a->value;
    if (a->dtype != a->literal && a->literal == CV_F64) ir_scalar_from_double(&settled, a->dtype, a->value.f64);
    if (a->dtype != a->literal && a->literal == CV_C128)
        settled = (union ir_scalar){.c64 = {(float)a->value.c128[0], (float)a->value.c128[1]}};
    if (a->dtype != a->literal && a->literal == CV_S64) ir_scalar_from_int(&settled, a->dtype, a->value.s64);
    memcpy(buffer->data, &settled, buffer->type->bytes);
    put(a, session, buffer);
}

static cv_val literal(cv_dtype dtype, union ir_scalar value) {
    struct making a = {.literal = dtype, .value = value, .weak = true, .is_literal = true, .out = TR_POISON};
    tr_enter("a C scalar", TR_NOWHERE, make_literal, &a);
    return a.out;
}

cv_val cv_weak_bool(bool x) { return literal(CV_BOOL, (union ir_scalar){.boolean = x}); }
cv_val cv_weak_int(int64_t x) { return literal(CV_S64, (union ir_scalar){.s64 = x}); }
cv_val cv_weak_float(double x) { return literal(CV_F64, (union ir_scalar){.f64 = x}); }
cv_val cv_weak_complex(double _Complex x) {
    return literal(CV_C128, (union ir_scalar){.c128 = {__real__ x, __imag__ x}});
}

// What is known of a value

static const tr_label THE_VALUE = {"the value", IR_NONE, NULL};

const ir_type *tr_type_of(cv_val v, bool *weak, tr_label label) {
    cv_context *c = tr_context();
    tr_trace *t = tr_is_traced(v) ? tr_trace_find(v.generation) : NULL;
    if (t && v.slot < t->builder->types.n) {
        const ir_type *type = t->builder->types.at[v.slot];
        *weak = tr_weak_get(t, v.slot);
        cv_dtype dtype = tr_settled_dtype(t->context, type->dtype, *weak);
        return ir_type_with_dtype(t->context->module, type, dtype);
    }
    tr_state state;
    tr_lock(c);
    tr_slot *slot = tr_slot_find(c, v, &state);
    const ir_type *type = slot ? slot->array.buffer->type : NULL;
    *weak = slot && slot->array.weak;
    tr_unlock(c);
    if (state) tr_raise_state(c, state, v, label);
    return type;
}

struct asking {
    cv_val value;
    const ir_type *type;
    bool weak;
    const int64_t *axis;
    int64_t size;
};

static void ask(void *argument) {
    struct asking *a = argument;
    a->type = tr_type_of(a->value, &a->weak, THE_VALUE);
    if (!a->axis) return;
    int64_t rank = a->type->rank, axis = *a->axis < 0 ? *a->axis + rank : *a->axis;
    char text[IR_TYPE_TEXT];
    if (axis < 0 || axis >= rank)
        base_raise(CV_INVALID, "axis %lld is out of range for %s", (long long)*a->axis,
                   ir_type_text(a->type, text));
    a->size = a->type->dims[axis];
}

static struct asking known(const char *name, cv_val x, const int64_t *axis) {
    struct asking a = {.value = x, .axis = axis, .size = -1};
    if (!tr_is_poison(x) && !tr_is_none(x) && tr_enter(name, TR_NOWHERE, ask, &a)) a.type = NULL;
    return a;
}

cv_dtype cv_dtype_of(cv_val x) {
    const ir_type *type = known("cv_dtype_of", x, NULL).type;
    return type ? type->dtype : CV_DTYPE_DEFAULT;
}

int cv_rank(cv_val x) {
    const ir_type *type = known("cv_rank", x, NULL).type;
    return type ? (int)type->rank : -1;
}

int64_t cv_size(cv_val x, int64_t axis) {
    return known("cv_size", x, &axis).size;
}

int64_t cv_count(cv_val x) {
    const ir_type *type = known("cv_count", x, NULL).type;
    return type ? type->count : -1;
}

bool cv_is_weak(cv_val x) {
    return known("cv_is_weak", x, NULL).weak;
}

// Reading

struct reading {
    cv_val value;
    cv_dtype dtype; // that is wanted
    void *memory;
    size_t bytes;
    const void *data;
    double number, imaginary;
    int64_t integer;
};

static tr_array concrete(cv_val v) {
    if (tr_is_traced(v) && tr_trace_find(v.generation))
        base_raise(CV_INVALID, "the value is traced: it has no data until the function runs");
    return tr_array_get(tr_context(), v, THE_VALUE);
}

static void read_array(void *argument) {
    struct reading *a = argument;
    const tr_buffer *buffer = concrete(a->value).buffer;
    char text[IR_TYPE_TEXT];
    if (buffer->type->bytes > a->bytes)
        base_raise(CV_INVALID, "%s has %zu bytes and does not fit the %zu that were given",
                   ir_type_text(buffer->type, text), buffer->type->bytes, a->bytes);
    if (!a->memory && buffer->type->bytes) base_raise(CV_INVALID, "the memory is NULL");
    if (buffer->type->bytes) memcpy(a->memory, buffer->data, buffer->type->bytes);
}

cv_status cv_read_at(cv_val x, void *memory, size_t bytes, cv_here here) {
    struct reading a = {.value = x, .memory = memory, .bytes = bytes};
    return tr_is_poison(x) ? tr_poisoned() : tr_enter("cv_read", here, read_array, &a);
}

static void read_converted(void *argument) {
    struct reading *a = argument;
    const tr_buffer *buffer = concrete(a->value).buffer;
    char text[IR_TYPE_TEXT];
    if ((unsigned)a->dtype >= CV_TAPE)
        base_raise(CV_INVALID, "%d is not the dtype of an array", (int)a->dtype);
    const ir_type *type = ir_type_with_dtype(tr_context()->module, buffer->type, a->dtype);
    if (type->bytes > a->bytes)
        base_raise(CV_INVALID, "%s has %zu bytes and does not fit the %zu that were given",
                   ir_type_text(type, text), type->bytes, a->bytes);
    if (!a->memory && type->bytes) base_raise(CV_INVALID, "the memory is NULL");
    convert_elements(buffer->type, buffer->data, type, a->memory);
}

cv_status cv_read_as_at(cv_val x, cv_dtype dtype, void *memory, size_t bytes, cv_here here) {
    struct reading a = {.value = x, .dtype = dtype, .memory = memory, .bytes = bytes};
    return tr_is_poison(x) ? tr_poisoned() : tr_enter("cv_read_as", here, read_converted, &a);
}

static void get_data(void *argument) {
    struct reading *a = argument;
    a->data = concrete(a->value).buffer->data;
}

const void *cv_data_at(cv_val x, cv_here here) {
    struct reading a = {.value = x};
    return tr_is_poison(x) || tr_enter("cv_data", here, get_data, &a) ? NULL : a.data;
}

static void get_item(void *argument) {
    struct reading *a = argument;
    const tr_buffer *buffer = concrete(a->value).buffer;
    char text[IR_TYPE_TEXT];
    if (buffer->type->count != 1)
        base_raise(CV_INVALID, "%s has %lld elements, not one", ir_type_text(buffer->type, text),
                   (long long)buffer->type->count);
    union ir_scalar scalar;
    memcpy(&scalar, buffer->data, buffer->type->bytes);
    a->number = ir_scalar_to_double(&scalar, buffer->type->dtype);
    a->integer = ir_scalar_to_int(&scalar, buffer->type->dtype);
    a->imaginary = buffer->type->dtype == CV_C64    ? (double)scalar.c64[1]
                   : buffer->type->dtype == CV_C128 ? scalar.c128[1]
                                                    : 0;
}

double cv_item_at(cv_val x, cv_here here) {
    struct reading a = {.value = x};
    return tr_is_poison(x) || tr_enter("cv_item", here, get_item, &a) ? NAN : a.number;
}

int64_t cv_item_int_at(cv_val x, cv_here here) {
    struct reading a = {.value = x};
    return tr_is_poison(x) || tr_enter("cv_item_int", here, get_item, &a) ? 0 : a.integer;
}

double _Complex cv_item_complex_at(cv_val x, cv_here here) {
    struct reading a = {.value = x};
    bool wrong = tr_is_poison(x) || tr_enter("cv_item_complex", here, get_item, &a);
    return wrong ? __builtin_complex((double)NAN, (double)NAN) : __builtin_complex(a.number, a.imaginary);
}
