// NumPy's .npy files: an array in a file, after a header that names its type and shape.
//
// In: a path. Out: a value of the current scope, or the file that a value is written to. The format
// (numpy.lib.format): "\x93NUMPY", version, the header's length in 2 bytes (version 1) or 4 (2 and
// 3), the header - a Python dictionary with 'descr', 'fortran_order' and 'shape' - and the elements.
// A file is not trusted: the header is parsed by hand, as far as that dictionary goes and no
// further, and its sizes are checked against the file's before memory is asked for. Elements are
// brought to the machine's order of bytes and to row-major order, and the value takes over the memory
// that they were read into.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "trace/trace.h"

#define MAGIC "\x93NUMPY"
enum {
    MAGIC_SIZE = 6,
    HEADER_ALIGNMENT = 64,
    LONGEST_HEADER = 1 << 16, // far over what a shape of 32 axes needs
    LITTLE_ENDIAN_HOST = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
};

// The file's names of dtypes: a letter and the size of an element. Of rows with the same dtype the
// first is written.
typedef struct npy_type {
    char letter;
    int size;
    cv_dtype dtype;
} npy_type;

static const npy_type npy_types[] = {
    {'b', 1, CV_BOOL}, {'?', 1, CV_BOOL}, {'i', 1, CV_S8},  {'i', 2, CV_S16},  {'i', 4, CV_S32},
    {'i', 8, CV_S64},  {'u', 1, CV_U8},   {'u', 2, CV_U16}, {'u', 4, CV_U32},  {'u', 8, CV_U64},
    {'f', 2, CV_F16},  {'f', 4, CV_F32},  {'f', 8, CV_F64}, {'c', 8, CV_C64},  {'c', 16, CV_C128},
    {'u', 2, CV_BF16}, // NumPy has no bfloat16: its bits travel as integers
};
enum { NPY_TYPES = sizeof npy_types / sizeof *npy_types };

typedef struct npy {
    const char *path;
    FILE *file;
    base_arena arena; // of the header's text
    cv_val value;
    // what the header says
    const npy_type *type;
    bool swapped, fortran;
    int64_t rank, dims[IR_MAX_RANK];
    int64_t count;
    size_t bytes;
} npy;

_Noreturn static void fail(const npy *n, cv_status status, const char *format, ...) BASE_PRINTF(3, 4);
_Noreturn static void fail(const npy *n, cv_status status, const char *format, ...) {
    char problem[512];
    va_list list;
    va_start(list, format);
    vsnprintf(problem, sizeof problem, format, list);
    va_end(list);
    for (char *c = problem; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?'; // what the file says may be anything
    base_raise(status, "\"%s\": %s", n->path, problem);
}

static void close_file(void *file) {
    fclose(file);
}

static void open_file(npy *n, const char *mode) {
    if (!n->path) base_raise(CV_INVALID, "the path is NULL");
    n->file = fopen(n->path, mode);
    if (!n->file) fail(n, CV_IO, "cannot be opened: %s", strerror(errno));
}

// ---- the header: one dictionary of Python --------------------------------------------------------

typedef struct cursor {
    const npy *n;
    const char *at, *end;
} cursor;

_Noreturn static void malformed(const cursor *h, const char *expected) {
    int left = (int)(h->end - h->at < 16 ? h->end - h->at : 16);
    while (left && (h->at[left - 1] == '\n' || h->at[left - 1] == ' ')) left--;
    if (!left) fail(h->n, CV_INVALID, "malformed header: %s expected at its end", expected);
    fail(h->n, CV_INVALID, "malformed header: %s expected before \"%.*s\"", expected, left, h->at);
}

static bool accept(cursor *h, char c) {
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t')) h->at++;
    if (h->at == h->end || *h->at != c) return false;
    h->at++;
    return true;
}

static void expect(cursor *h, char c, const char *name) {
    if (!accept(h, c)) malformed(h, name);
}

// A quoted string; the header holds none with escapes. It is not closed by a zero.
static const char *parse_string(cursor *h, const char *name, int *length) {
    char quote = accept(h, '\'') ? '\'' : accept(h, '"') ? '"' : 0;
    if (!quote) malformed(h, name);
    const char *start = h->at, *close = memchr(start, quote, (size_t)(h->end - start));
    if (!close) malformed(h, "the end of a string");
    h->at = close + 1;
    *length = (int)(close - start);
    return start;
}

static void parse_descr(cursor *h, npy *n) {
    int length;
    if (accept(h, '[')) fail(n, CV_INVALID, "arrays of records are not supported");
    const char *descr = parse_string(h, "a dtype", &length);
    const char *name = descr;
    char order = '|';
    if (length && strchr("<>=|", *name)) order = *name++, length--;
    int size = 0;
    for (int i = 1; i < length && i < 4; i++)
        size = name[i] >= '0' && name[i] <= '9' ? 10 * size + name[i] - '0' : -1000;
    if (length == 1 && *name == '?') size = 1;
    for (int i = 0; i < NPY_TYPES && length && !n->type; i++)
        if (length <= 3 && npy_types[i].letter == *name && npy_types[i].size == size) n->type = &npy_types[i];
    if (!n->type)
        fail(n, CV_INVALID,
             "dtype '%.*s' is not supported: convert it to a boolean, integer, float or complex type",
             (int)(name - descr) + length, descr);
    n->swapped = size > 1 && order == (LITTLE_ENDIAN_HOST ? '>' : '<');
}

static void parse_fortran_order(cursor *h, npy *n) {
    static const char *const words[] = {"False", "True"};
    accept(h, ' ');
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(h->end - h->at) < length || memcmp(h->at, words[i], length)) continue;
        h->at += length;
        n->fortran = i;
        return;
    }
    malformed(h, "True or False");
}

static int64_t parse_size(cursor *h, const npy *n) {
    int64_t size = 0;
    const char *start = h->at;
    for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++)
        if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, *h->at - '0', &size))
            fail(n, CV_INVALID, "a size of the shape does not fit into 64 bits");
    if (h->at == start) malformed(h, "a size");
    if (h->at < h->end && *h->at == 'L') h->at++; // as Python 2 printed long integers
    return size;
}

static void parse_shape(cursor *h, npy *n) {
    expect(h, '(', "the tuple of the shape");
    while (!accept(h, ')')) {
        if (n->rank == IR_MAX_RANK) fail(n, CV_INVALID, "the array has more than %d axes", IR_MAX_RANK);
        n->dims[n->rank++] = parse_size(h, n);
        if (accept(h, ',')) continue;
        expect(h, ')', "')'");
        break;
    }
}

static bool equals(const char *word, const char *text, int length) {
    return strlen(word) == (size_t)length && !memcmp(word, text, (size_t)length);
}

static void parse_header(npy *n, const char *text, size_t length) {
    static const struct {
        const char *key;
        void (*parse)(cursor *, npy *);
    } keys[] = {{"descr", parse_descr}, {"fortran_order", parse_fortran_order}, {"shape", parse_shape}};
    enum { KEYS = sizeof keys / sizeof *keys };
    cursor h = {n, text, text + length};
    bool seen[KEYS] = {false};
    expect(&h, '{', "a dictionary");
    while (!accept(&h, '}')) {
        int key_length, key = 0;
        const char *name = parse_string(&h, "a key", &key_length);
        while (key < KEYS && !equals(keys[key].key, name, key_length)) key++;
        if (key == KEYS)
            fail(n, CV_INVALID, "malformed header: key '%.*s' is not known", key_length, name);
        if (seen[key]) fail(n, CV_INVALID, "malformed header: key '%s' stands twice", keys[key].key);
        seen[key] = true;
        expect(&h, ':', "':'");
        keys[key].parse(&h, n);
        if (accept(&h, ',')) continue;
        expect(&h, '}', "'}'");
        break;
    }
    for (int key = 0; key < KEYS; key++)
        if (!seen[key]) fail(n, CV_INVALID, "malformed header: '%s' is missing", keys[key].key);
    accept(&h, ' ');
    if (h.at != h.end) malformed(&h, "nothing more");
}

// ---- reading -------------------------------------------------------------------------------------

static void read_bytes(const npy *n, void *memory, size_t size, const char *what) {
    size_t got = fread(memory, 1, size, n->file);
    if (got == size) return;
    if (ferror(n->file)) fail(n, CV_IO, "cannot be read: %s", strerror(errno));
    fail(n, CV_IO, "truncated: %s needs %zu bytes, %zu are there", what, size, got);
}

static void read_header(npy *n) {
    unsigned char start[MAGIC_SIZE + 2], length[4] = {0};
    size_t got = fread(start, 1, sizeof start, n->file);
    if (ferror(n->file)) fail(n, CV_IO, "cannot be read: %s", strerror(errno));
    if (got < MAGIC_SIZE || memcmp(start, MAGIC, MAGIC_SIZE))
        fail(n, CV_INVALID, "not an .npy file: it does not begin with \\x93NUMPY");
    if (got < sizeof start) fail(n, CV_IO, "truncated: it ends before the version");
    int version = start[MAGIC_SIZE];
    if (version < 1 || version > 3) fail(n, CV_INVALID, "version %d of the format is not known", version);
    read_bytes(n, length, version == 1 ? 2 : 4, "the length of the header");
    size_t size = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (size > LONGEST_HEADER) fail(n, CV_INVALID, "malformed header: it has %zu bytes", size);
    char *text = base_malloc(size + 1);
    base_defer(base_free, text);
    read_bytes(n, text, size, "the header");
    parse_header(n, text, size);
}

// The bytes that the shape asks for, if the file can hold them.
static void measure(npy *n) {
    bool too_large = false, empty = false;
    n->count = 1;
    for (int64_t i = 0; i < n->rank; i++) {
        empty |= n->dims[i] == 0;
        if (n->dims[i]) too_large |= __builtin_mul_overflow(n->count, n->dims[i], &n->count);
    }
    too_large |= __builtin_mul_overflow((size_t)n->count, (size_t)n->type->size, &n->bytes);
    too_large |= n->bytes > INT64_MAX;
    if (too_large) fail(n, CV_INVALID, "the shape has more elements than memory can hold");
    if (empty) n->count = 0, n->bytes = 0;

    struct stat status;
    long at = ftell(n->file);
    if (at < 0 || fstat(fileno(n->file), &status) || !S_ISREG(status.st_mode)) return;
    size_t left = status.st_size > at ? (size_t)(status.st_size - at) : 0;
    if (left < n->bytes)
        fail(n, CV_IO, "truncated: the elements need %zu bytes, %zu are there", n->bytes, left);
}

static void swap_bytes(const npy *n, char *data) {
    int size = n->type->letter == 'c' ? n->type->size / 2 : n->type->size; // complex: each part
    for (char *element = data; element < data + n->bytes; element += size)
        for (int i = 0; i < size / 2; i++) {
            char byte = element[i];
            element[i] = element[size - 1 - i];
            element[size - 1 - i] = byte;
        }
}

// Walks the elements in row-major order, with their place in column-major order beside.
static void to_row_major(const npy *n, const char *columns, char *rows) {
    size_t size = (size_t)n->type->size;
    int64_t index[IR_MAX_RANK] = {0}, stride[IR_MAX_RANK], from = 0;
    for (int64_t axis = 0, product = 1; axis < n->rank; product *= n->dims[axis++]) stride[axis] = product;
    for (int64_t to = 0; to < n->count; to++) {
        memcpy(rows + (size_t)to * size, columns + (size_t)from * size, size);
        for (int64_t axis = n->rank - 1; axis >= 0; axis--) {
            from += stride[axis];
            if (++index[axis] < n->dims[axis]) break;
            from -= stride[axis] * n->dims[axis];
            index[axis] = 0;
        }
    }
}

static void read_elements(npy *n, char *data) {
    bool columns = n->fortran && n->rank > 1;
    char *read = columns ? base_malloc(n->bytes + 1) : data;
    if (columns) base_defer(base_free, read);
    read_bytes(n, read, n->bytes, "the data");
    if (n->swapped) swap_bytes(n, read);
    if (n->type->dtype == CV_BOOL)
        for (size_t i = 0; i < n->bytes; i++) read[i] = read[i] != 0;
    if (columns) to_row_major(n, read, data);
}

static void load(void *argument) {
    npy *n = argument;
    open_file(n, "rb");
    base_defer(close_file, n->file);
    read_header(n);
    measure(n);
    cv_context *c = tr_context();
    tr_buffer *buffer = tr_buffer_new(ir_type_get(c->module, n->type->dtype, n->rank, n->dims));
    base_defer(tr_buffer_release_later, buffer);
    read_elements(n, buffer->data);
    n->value = tr_value_new(tr_session_get(c)->scope, &(tr_array){.buffer = tr_buffer_retain(buffer)});
}

cv_val cv_load_npy_at(const char *path, cv_here here) {
    npy n = {.path = path, .value = TR_POISON};
    tr_enter("cv_load_npy", here, load, &n);
    return n.value;
}

// ---- writing -------------------------------------------------------------------------------------

static void write_bytes(const npy *n, const void *data, size_t size) {
    if (size && fwrite(data, 1, size, n->file) != size)
        fail(n, CV_IO, "cannot be written: %s", strerror(errno));
}

static const npy_type *type_of(const npy *n, cv_dtype dtype) {
    for (int i = 0; i < NPY_TYPES; i++)
        if (npy_types[i].dtype == dtype) return &npy_types[i];
    fail(n, CV_INVALID, "%s has no place in the format", cv_dtype_name(dtype));
}

// The header, closed by a newline and padded so that the elements begin at a multiple of 64 bytes.
static void write_header(npy *n, const ir_type *type) {
    base_text header = {.arena = &n->arena};
    char order = n->type->size == 1 ? '|' : LITTLE_ENDIAN_HOST ? '<' : '>';
    base_text_printf(&header, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (", order,
                     n->type->letter, n->type->size);
    for (uint32_t axis = 0; axis < type->rank; axis++)
        base_text_printf(&header, axis ? ", %lld" : "%lld", (long long)type->dims[axis]);
    base_text_add(&header, type->rank == 1 ? ",), }" : "), }");
    while ((MAGIC_SIZE + 4 + header.n + 1) % HEADER_ALIGNMENT) base_text_add(&header, " ");
    base_text_add(&header, "\n");
    const unsigned char length[] = {1, 0, header.n & 255, (unsigned char)(header.n >> 8)};
    write_bytes(n, MAGIC, MAGIC_SIZE);
    write_bytes(n, length, sizeof length);
    write_bytes(n, header.at, header.n);
}

static void free_arena(void *arena) {
    base_arena_free(arena);
}

static void save(void *argument) {
    npy *n = argument;
    tr_array array = tr_array_get(tr_context(), n->value, (tr_label){"the array", IR_NONE, NULL});
    const ir_type *type = array.buffer->type;
    n->type = type_of(n, type->dtype);
    base_defer(free_arena, &n->arena);
    open_file(n, "wb");
    base_defer(close_file, n->file);
    write_header(n, type);
    write_bytes(n, array.buffer->data, type->bytes);
    if (fflush(n->file)) fail(n, CV_IO, "cannot be written: %s", strerror(errno));
}

cv_status cv_save_npy_at(const char *path, cv_val x, cv_here here) {
    npy n = {.path = path, .value = x};
    if (tr_is_poison(x)) return tr_poisoned();
    return tr_enter("cv_save_npy", here, save, &n);
}
