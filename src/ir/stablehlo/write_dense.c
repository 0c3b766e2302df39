// In: a literal. Out: the text of its elements that reads back to the same bits.
//
// A decimal is written if it is the same number whether it is read as a double first or at once, else the
// bits in hexadecimal. Long lists are blobs, the bytes of the elements in order.

#include <math.h>
#include <string.h>

#include "ir/scalar.h"
#include "ir/stablehlo/write.h"

enum { LONGEST_LIST = 64 };

static void write_bits(base_text *text, const void *element, size_t size) {
    base_text_add(text, "0x");
    for (size_t i = size; i-- > 0;) base_text_printf(text, "%02X", ((const unsigned char *)element)[i]);
}

// Decimals of MLIR have a point.
static void add_decimal(base_text *text, const char *digits) {
    size_t whole = strcspn(digits, ".e");
    if (digits[whole] == '.')
        base_text_add(text, digits);
    else
        base_text_printf(text, "%.*s.0%s", (int)whole, digits, digits + whole);
}

static void write_real(base_text *text, const void *element, cv_dtype dtype) {
    union ir_scalar scalar = {0}, again;
    size_t size = cv_dtype_size(dtype);
    memcpy(&scalar, element, size);
    double value = ir_scalar_to_double(&scalar, dtype);
    if (isfinite(value)) {
        base_text digits = {.arena = text->arena};
        union ir_scalar wide = {.f64 = value};
        ir_scalar_print(&digits, &scalar, dtype);
        const char *wrong = ir_scalar_parse(&wide, CV_F64, base_text_get(&digits));
        if (!wrong) ir_scalar_from_double(&again, dtype, wide.f64);
        if (!wrong && !memcmp(&again, element, size)) {
            add_decimal(text, base_text_get(&digits));
            return;
        }
    }
    write_bits(text, element, size);
}

static void write_element(base_text *text, const char *element, cv_dtype dtype) {
    if (ir_is_complex(dtype)) {
        cv_dtype part = dtype == CV_C64 ? CV_F32 : CV_F64;
        base_text_add(text, "(");
        write_real(text, element, part);
        base_text_add(text, ", ");
        write_real(text, element + cv_dtype_size(part), part);
        base_text_add(text, ")");
    } else if (ir_is_float(dtype)) {
        write_real(text, element, dtype);
    } else {
        union ir_scalar scalar = {0};
        memcpy(&scalar, element, cv_dtype_size(dtype));
        ir_scalar_print(text, &scalar, dtype);
    }
}

// [[a, b], [c, d]]: brackets open and close where an axis begins and ends.
static void write_list(base_text *text, const ir_literal *literal) {
    const ir_type *type = literal->type;
    size_t size = cv_dtype_size(type->dtype);
    for (int64_t i = 0; i < type->count; i++) {
        int64_t block = 1;
        if (i) base_text_add(text, ", ");
        for (uint32_t d = type->rank; d-- > 0;) {
            block *= type->dims[d];
            if (i % block == 0) base_text_add(text, "[");
        }
        write_element(text, (const char *)literal->data + (size_t)i * size, type->dtype);
        block = 1;
        for (uint32_t d = type->rank; d-- > 0;) {
            block *= type->dims[d];
            if ((i + 1) % block == 0) base_text_add(text, "]");
        }
    }
}

static void write_blob(base_text *text, const ir_literal *literal) {
    const unsigned char *bytes = literal->data;
    base_text_add(text, "\"0x");
    for (size_t i = 0; i < literal->type->bytes; i++) base_text_printf(text, "%02X", bytes[i]);
    base_text_add(text, "\"");
}

void sh_write_literal(base_text *text, const ir_literal *literal) {
    base_text_add(text, "dense<");
    if (!literal->type->count) {
        // no elements, no text
    } else if (literal->splat) {
        write_element(text, literal->data, literal->type->dtype);
    } else if (literal->type->count > LONGEST_LIST && literal->type->dtype != CV_BOOL) {
        write_blob(text, literal);
    } else {
        write_list(text, literal);
    }
    base_text_add(text, "> : ");
    sh_write_type(text, literal->type);
}
