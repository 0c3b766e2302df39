// The elements of a constant: dense<0.0>, dense<[[1, 2], [3, 4]]>, dense<"0x0000803F">, dense<>.
//
// In: what stands between the brackets, and the type. Out: a literal. A single element is a splat, whatever
// the size of the type; of a list every level is counted against the shape; and a blob has its size from the
// text. So no memory is taken that the text does not pay for. A floating number in hexadecimal is its bits; a
// blob has the bytes of the elements in order, booleans as bytes or as bits, lowest first.

#include <string.h>

#include "ir/stablehlo/syntax.h"

typedef struct elements {
    base_arena *arena;
    const ir_type *type;
    const char *at, *end;
    base_text bytes;
    const char *wrong;
} elements;

static void skip_space(elements *e) {
    while (e->at < e->end && strchr(" \t\r\n", *e->at)) e->at++;
}

static bool accept(elements *e, char c) {
    skip_space(e);
    bool found = e->at < e->end && *e->at == c;
    if (found) e->at++;
    return found;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// The text without sign as an integer in hexadecimal of at most `size` bytes.
static const char *read_hex(const char *text, size_t size, union ir_scalar *scalar) {
    uint64_t bits = 0;
    size_t n = 0;
    for (text += 2; hex_digit(*text) >= 0; text++) {
        if (bits || *text != '0') n++;
        bits = bits << 4 | (uint64_t)hex_digit(*text);
    }
    if (*text) return "is not a number";
    if (n > 2 * size) return "does not fit";
    scalar->u64 = bits; // little endian: the low bytes are those of a narrower element
    return NULL;
}

static void read_number(elements *e, cv_dtype dtype, union ir_scalar *scalar) {
    char copy[128];
    size_t n = 0;
    skip_space(e);
    while (e->at < e->end && !strchr(" \t\r\n,()[]", *e->at)) {
        if (n + 1 == sizeof copy) {
            e->wrong = "a number is too long";
            return;
        }
        copy[n++] = *e->at++;
    }
    copy[n] = 0;
    const char *wrong = copy[0] == '0' && copy[1] == 'x' ? read_hex(copy, cv_dtype_size(dtype), scalar)
                                                         : ir_scalar_parse(scalar, dtype, copy);
    if (wrong) e->wrong = base_format(e->arena, "'%s' %s (dtype %s)", copy, wrong, cv_dtype_name(dtype));
}

static void read_element(elements *e) {
    cv_dtype dtype = e->type->dtype, part = ir_part_dtype(dtype);
    union ir_scalar scalar = {0};
    size_t size = cv_dtype_size(part);
    for (int i = 0; i < 1 + ir_is_complex(dtype) && !e->wrong; i++) {
        if (ir_is_complex(dtype) && !accept(e, i ? ',' : '('))
            e->wrong = "a complex number is (real,imaginary)";
        if (!e->wrong) read_number(e, part, &scalar);
        if (!e->wrong) base_text_add_n(&e->bytes, (const char *)&scalar, size);
    }
    if (ir_is_complex(dtype) && !e->wrong && !accept(e, ')'))
        e->wrong = "a complex number is (real,imaginary)";
}

// [[...], [...]]: counts of the lists that are open are compared with the sizes when they close.
static void read_lists(elements *e) {
    int64_t count[IR_MAX_RANK] = {0};
    uint32_t depth = 0, rank = e->type->rank;
    bool element_wanted = true;
    while (!e->wrong) {
        if (depth < rank && element_wanted && accept(e, '[')) {
            count[depth++] = 0;
            skip_space(e);
            element_wanted = e->at < e->end && *e->at != ']';
        } else if (depth && !element_wanted && accept(e, ']')) {
            depth--;
            if (count[depth] != e->type->dims[depth])
                e->wrong = "a list has not the length that the type says";
            if (!depth) return;
            count[depth - 1]++;
        } else if (depth && !element_wanted && accept(e, ',')) {
            element_wanted = true;
        } else if (depth == rank && element_wanted) {
            read_element(e);
            count[depth - 1]++;
            element_wanted = false;
        } else {
            e->wrong = "the lists are not those of the type";
        }
    }
}

static void read_blob(elements *e, ir_literal *literal) {
    size_t size = cv_dtype_size(e->type->dtype), digits = (size_t)(e->end - e->at);
    const char *at = e->at;
    if (digits < 3 || at[0] != '0' || at[1] != 'x' || e->end[-1] != '"' || digits % 2 == 0) {
        e->wrong = "a string of elements is \"0x\" and pairs of digits";
        return;
    }
    size_t n = (digits - 3) / 2;
    uint8_t *bytes = base_arena_alloc(e->arena, n + 1);
    for (size_t i = 0; i < n && !e->wrong; i++) {
        int high = hex_digit(at[2 + 2 * i]), low = hex_digit(at[3 + 2 * i]);
        if (high < 0 || low < 0) e->wrong = "a string of elements is \"0x\" and pairs of digits";
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    literal->data = bytes;
    literal->splat = n == size && e->type->count != 1;
    bool is_bool = e->type->dtype == CV_BOOL;
    if (n == e->type->bytes || literal->splat) {
        for (size_t i = 0; is_bool && i < n; i++) bytes[i] = bytes[i] != 0;
    } else if (is_bool && n == (e->type->bytes + 7) / 8) {
        uint8_t *unpacked = base_arena_alloc(e->arena, e->type->bytes + 1);
        for (size_t i = 0; i < e->type->bytes; i++) unpacked[i] = bytes[i / 8] >> i % 8 & 1;
        literal->data = unpacked;
    } else {
        e->wrong = base_format(e->arena, "%zu bytes of elements for a type of %zu", n, e->type->bytes);
    }
}

const char *sh_dense_read(base_arena *arena, sh_slice text, const ir_type *type, ir_literal *literal) {
    elements e = {
        .arena = arena, .type = type, .at = text.at, .end = text.at + text.n, .bytes = {.arena = arena}};
    while (e.end > e.at && strchr(" \t\r\n", e.end[-1])) e.end--;
    *literal = (ir_literal){type, false, ""};
    skip_space(&e);
    if (e.at == e.end) {
        return type->count ? "it has no elements" : NULL;
    } else if (accept(&e, '"')) {
        read_blob(&e, literal);
        return e.wrong;
    } else if (*e.at == '[') {
        if (!type->rank) return "the lists are not those of the type";
        read_lists(&e);
    } else {
        literal->splat = true;
        read_element(&e);
    }
    if (!e.wrong && (skip_space(&e), e.at != e.end)) e.wrong = "something follows the elements";
    literal->data = base_text_get(&e.bytes);
    return e.wrong;
}
