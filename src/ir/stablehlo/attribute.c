// In: tokens. Out: types and attributes, as far as a program can mean something by them.
//
// Dialects may put anything between their brackets, so what is not understood is kept as text: an attribute
// that nothing asks for does no harm. Struct attributes (#stablehlo.gather<...>) are lists of fields, which
// become entries of the dictionary around them.

#include <string.h>

#include "ir/stablehlo/reader.h"

void sh_deepen(sh_reader *r) {
    if (++r->depth > SH_MAX_DEPTH)
        sh_fail(&r->l, &r->l.token, "brackets are nested deeper than %d", SH_MAX_DEPTH);
}

// Types

typedef struct dtype_name {
    const char *name;
    cv_dtype dtype;
} dtype_name;

static const dtype_name dtype_names[] = {
    {"f32", CV_F32},  {"i32", CV_S32},          {"i1", CV_BOOL},
    {"i64", CV_S64},  {"ui32", CV_U32},         {"bf16", CV_BF16},
    {"f16", CV_F16},  {"f64", CV_F64},          {"i8", CV_S8},
    {"i16", CV_S16},  {"ui8", CV_U8},           {"ui16", CV_U16},
    {"ui64", CV_U64}, {"complex<f32>", CV_C64}, {"complex<f64>", CV_C128},
    {"si8", CV_S8},   {"si16", CV_S16},         {"si32", CV_S32},
    {"si64", CV_S64},
};

// The dtype that the text begins with, behind which the type ends.
static bool read_dtype(const char *at, cv_dtype *dtype) {
    for (size_t i = 0; i < sizeof dtype_names / sizeof *dtype_names; i++) {
        size_t n = strlen(dtype_names[i].name);
        if (strncmp(at, dtype_names[i].name, n) || (at[n] != '>' && at[n] != ',' && at[n] != ' ')) continue;
        *dtype = dtype_names[i].dtype;
        return true;
    }
    return false;
}

typedef struct wanted_type {
    ir_module *module;
    cv_dtype dtype;
    int64_t rank;
    const int64_t *dims;
    const ir_type *type;
} wanted_type;

static void get_type(void *argument) {
    wanted_type *w = argument;
    w->type = ir_type_get(w->module, w->dtype, w->rank, w->dims);
}

// What stands behind "tensor<": sizes with an x after each, then an element type. NULL if a size is not a
// number or the elements are none of ours.
static const ir_type *read_tensor(sh_reader *r, const sh_token *where, const char *at) {
    int64_t dims[IR_MAX_RANK], rank = 0;
    cv_dtype dtype;
    while (*at >= '0' && *at <= '9') {
        int64_t size = 0;
        for (; *at >= '0' && *at <= '9'; at++)
            if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, *at - '0', &size))
                sh_fail(&r->l, where, "a size of this type does not fit in 64 bits");
        if (*at++ != 'x') sh_fail(&r->l, where, "expected an x after each size of a tensor");
        if (rank == IR_MAX_RANK) sh_fail(&r->l, where, "a tensor has more than %d axes", IR_MAX_RANK);
        dims[rank++] = size;
    }
    if (!read_dtype(at, &dtype)) return NULL;
    wanted_type w = {r->module, dtype, rank, dims, NULL};
    base_failure failure;
    cv_status status = base_protect(get_type, &w, &failure);
    if (status == CV_INVALID) sh_fail(&r->l, where, "%s", failure.message);
    if (status) base_raise_again(&failure);
    return w.type;
}

bool sh_at_type(const sh_reader *r) {
    return r->l.token.kind == SH_TOKEN_BANG || sh_at(&r->l, '(') ||
           (r->l.token.kind == SH_TOKEN_WORD && r->l.next[0] == '<' && sh_at_word(&r->l, "tensor"));
}

sh_type sh_take_type(sh_reader *r) {
    sh_token where = r->l.token;
    sh_type type = {NULL, {where.at, 0}};
    const char *end;
    sh_deepen(r);
    if (sh_at(&r->l, '(')) { // of a function
        sh_skip_brackets(&r->l);
        if (r->l.token.kind != SH_TOKEN_ARROW) sh_fail_expected(&r->l, "'->'");
        sh_advance(&r->l);
        if (sh_at(&r->l, '('))
            sh_skip_brackets(&r->l);
        else
            sh_take_type(r);
        end = r->l.token.at;
    } else {
        if (where.kind != SH_TOKEN_WORD && where.kind != SH_TOKEN_BANG) sh_fail_expected(&r->l, "a type");
        end = r->l.next;
        sh_advance(&r->l);
        if (sh_at(&r->l, '<')) {
            if (sh_slice_is(where.text, "tensor")) type.type = read_tensor(r, &where, r->l.next);
            sh_slice between = sh_skip_brackets(&r->l);
            end = between.at + between.n + 1;
        }
    }
    type.written.n = (size_t)(end - where.at);
    r->depth--;
    return type;
}

void sh_take_types(sh_reader *r, sh_types *types) {
    types->n = 0;
    if (!sh_accept(&r->l, '(')) {
        base_push(r->arena, types, sh_take_type(r));
        return;
    }
    while (!sh_at(&r->l, ')')) {
        if (types->n) sh_expect(&r->l, ',');
        sh_type type = sh_take_type(r);
        base_push(r->arena, types, type);
        if (sh_at(&r->l, '{')) sh_skip_brackets(&r->l); // attributes of a result
        sh_take_location(r);
    }
    sh_expect(&r->l, ')');
}

// Attributes

static sh_attribute attribute(sh_kind kind, const sh_token *t) {
    return (sh_attribute){.kind = kind, .text = t->text, .place = sh_place_of(t)};
}

static void set_items(sh_attribute *a, const sh_attributes *items) {
    a->items = items->at;
    a->n = items->n;
}

// [1, 2], [[0, 1]], [b, 0, f]
static sh_attribute take_list(sh_reader *r, char end, bool typed) {
    sh_attribute list = attribute(SH_LIST, &r->l.token);
    sh_attributes items = {0};
    sh_deepen(r);
    while (!sh_at(&r->l, end)) {
        if (items.n) sh_expect(&r->l, ',');
        sh_attribute item = sh_take_attribute(r, typed);
        base_push(r->arena, &items, item);
    }
    sh_expect(&r->l, end);
    r->depth--;
    set_items(&list, &items);
    return list;
}

// [0] x [1], and the dimension numbers of a convolution: [b, 0, f]x[0, i, o]->[b, 0, f].
static sh_attribute take_product(sh_reader *r, bool typed) {
    sh_advance(&r->l);
    sh_attribute first = take_list(r, ']', typed);
    sh_attributes lists = {0};
    while (sh_at_word(&r->l, "x") || (lists.n && r->l.token.kind == SH_TOKEN_ARROW)) {
        if (!lists.n) base_push(r->arena, &lists, first);
        sh_advance(&r->l);
        sh_expect(&r->l, '[');
        sh_attribute next = take_list(r, ']', typed);
        base_push(r->arena, &lists, next);
    }
    if (lists.n) set_items(&first, &lists);
    return first;
}

static sh_attribute take_dense(sh_reader *r, bool typed) {
    sh_attribute dense = attribute(SH_DENSE, &r->l.token);
    sh_advance(&r->l);
    if (!sh_at(&r->l, '<')) sh_fail_expected(&r->l, "'<'");
    dense.text = sh_skip_brackets(&r->l);
    if (typed && sh_accept(&r->l, ':')) dense.type = sh_take_type(r).type;
    return dense;
}

// array<i64: 1, 2>
static sh_attribute take_array(sh_reader *r) {
    sh_attribute empty = attribute(SH_LIST, &r->l.token);
    sh_advance(&r->l);
    sh_expect(&r->l, '<');
    sh_take(&r->l, SH_TOKEN_WORD, "the type of the elements");
    if (sh_accept(&r->l, '>')) return empty;
    sh_expect(&r->l, ':');
    return take_list(r, '>', false);
}

// #stablehlo.gather<offset_dims = [1], ...>, #stablehlo<comparison_direction LT>, #anything<...>
static sh_attribute take_dialect(sh_reader *r) {
    sh_token where = r->l.token;
    sh_attribute a = attribute(SH_OPAQUE, &where);
    sh_advance(&r->l);
    if (!sh_at(&r->l, '<')) return a;
    sh_slice dialect = where.text;
    bool known = sh_slice_is((sh_slice){dialect.at, dialect.n < 9 ? dialect.n : 9}, "stablehlo") ||
                 sh_slice_is((sh_slice){dialect.at, dialect.n < 4 ? dialect.n : 4}, "chlo");
    sh_lexer start = r->l;
    sh_advance(&r->l);
    if (known && r->l.token.kind == SH_TOKEN_WORD) {
        sh_token first = r->l.token;
        sh_advance(&r->l);
        if (r->l.token.kind == SH_TOKEN_WORD) { // a case of an enumeration
            a = attribute(SH_WORD, &r->l.token);
            sh_advance(&r->l);
            sh_expect(&r->l, '>');
            return a;
        }
        if (sh_accept(&r->l, '>')) return attribute(SH_WORD, &first);
        if (sh_at(&r->l, '=')) {
            r->l = start;
            sh_attributes fields = {0};
            sh_take_dictionary(r, &fields);
            a.kind = SH_DICTIONARY;
            set_items(&a, &fields);
            return a;
        }
    } else if (known && sh_at(&r->l, '[')) {
        a = take_product(r, false);
        sh_expect(&r->l, '>');
        return a;
    }
    r->l = start;
    a.text = sh_skip_brackets(&r->l);
    return a;
}

static sh_attribute take_word(sh_reader *r) {
    sh_attribute a = attribute(SH_WORD, &r->l.token);
    sh_advance(&r->l);
    if (sh_at(&r->l, '<')) { // dense_resource<...>, affine_map<...>, complex<...>
        a.kind = SH_OPAQUE;
        sh_skip_brackets(&r->l);
    } else if (sh_slice_is(a.text, "loc") && sh_at(&r->l, '(')) {
        a.kind = SH_OPAQUE;
        sh_skip_brackets(&r->l);
    }
    return a;
}

static sh_attribute take_untyped(sh_reader *r, bool typed) {
    sh_token where = r->l.token;
    sh_attribute a;
    switch (where.kind) {
    case SH_TOKEN_NUMBER: a = attribute(SH_NUMBER, &where); break;
    case SH_TOKEN_STRING: a = attribute(SH_STRING, &where); break;
    case SH_TOKEN_SYMBOL: a = attribute(SH_SYMBOL, &where); break;
    case SH_TOKEN_ALIAS: return take_dialect(r);
    case SH_TOKEN_WORD:
        if (sh_at_word(&r->l, "dense")) return take_dense(r, typed);
        if (sh_at_word(&r->l, "array")) return take_array(r);
        if (!sh_at_type(r)) return take_word(r);
        // fallthrough
    default:
        if (sh_at_type(r)) {
            a = attribute(SH_TYPE, &where);
            sh_type type = sh_take_type(r);
            a.type = type.type;
            a.text = type.written;
            return a;
        }
        if (sh_at(&r->l, '[')) return take_product(r, typed);
        if (sh_at(&r->l, '<')) { // algorithm = <lhs_precision_type = bf16, ...>
            a = attribute(SH_OPAQUE, &where);
            a.text = sh_skip_brackets(&r->l);
            return a;
        }
        if (!sh_at(&r->l, '{')) sh_fail_expected(&r->l, "an attribute");
        a = attribute(SH_DICTIONARY, &where);
        sh_attributes items = {0};
        sh_take_dictionary(r, &items);
        set_items(&a, &items);
        return a;
    }
    sh_advance(&r->l);
    while (a.kind == SH_SYMBOL && sh_at(&r->l, ':') && r->l.next[0] == ':') { // @outer::@inner
        sh_advance(&r->l);
        sh_advance(&r->l);
        a.text = sh_take(&r->l, SH_TOKEN_SYMBOL, "a symbol").text;
    }
    return a;
}

sh_attribute sh_take_attribute(sh_reader *r, bool typed) {
    sh_attribute a = take_untyped(r, typed);
    if (typed && a.kind != SH_DENSE && sh_accept(&r->l, ':')) sh_take_type(r);
    return a;
}

void sh_add_attribute(sh_reader *r, sh_attributes *attributes, sh_slice name, sh_attribute value) {
    value.name = name;
    base_push(r->arena, attributes, value);
}

void sh_take_dictionary(sh_reader *r, sh_attributes *attributes) {
    char end = *r->l.token.at == '<' ? '>' : '}';
    bool first = true;
    sh_deepen(r);
    for (sh_advance(&r->l); !sh_at(&r->l, end); first = false) {
        if (!first) sh_expect(&r->l, ',');
        if (r->l.token.kind != SH_TOKEN_WORD && r->l.token.kind != SH_TOKEN_STRING)
            sh_fail_expected(&r->l, "the name of an attribute");
        sh_slice name = r->l.token.text;
        sh_attribute value = attribute(SH_WORD, &r->l.token);
        sh_advance(&r->l);
        if (sh_accept(&r->l, '=')) {
            bool is_struct = r->l.token.kind == SH_TOKEN_ALIAS;
            value = sh_take_attribute(r, true);
            for (uint32_t i = 0; is_struct && value.kind == SH_DICTIONARY && i < value.n; i++)
                base_push(r->arena, attributes, value.items[i]);
        }
        sh_add_attribute(r, attributes, name, value);
    }
    sh_expect(&r->l, end);
    r->depth--;
}
