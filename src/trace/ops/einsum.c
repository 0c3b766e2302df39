// Einstein summation. In: subscripts as numpy.einsum's, and operands. Out: diagonals, sums, dot_generals
// and products, and one transposition at the end.
//
// Every axis of every operand gets a label: its letter, or its place under the ellipsis counted from the
// right. A label that an operand repeats is a diagonal of it; one that only one operand has and the result
// has not is summed at once. What is left is contracted two terms at a time, each time the pair that costs
// the fewest products: labels that both have and something else still needs are batch axes of a
// dot_general, those that nothing else needs are summed by it. An axis of size 1 where others have more is
// taken away, not repeated: without it the operand says the same.

#include <string.h>

#include "trace/ops/common.h"

enum { LETTERS = 52, LABELS = LETTERS + IR_MAX_RANK, MOST_TERMS = 64 };

// Axis i of x has the label labels[i]; labels differ once diagonals are taken.
typedef struct term {
    ir_val x;
    int64_t n;
    uint8_t labels[IR_MAX_RANK];
} term;

typedef struct einsum {
    const tr_op *op;
    const char *text;
    int64_t size[LABELS];         // of a label's axes: the greatest
    uint32_t from[LABELS];        // the operand that has it
    int64_t letters_seen[LABELS]; // in all operands, for the implicit result
    int64_t n_ellipsis;           // axes under the ellipsis: the most of any operand
    uint32_t n_terms;
    term terms[MOST_TERMS], result;
} einsum;

static int letter_label(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    return c >= 'a' && c <= 'z' ? 26 + c - 'a' : -1;
}

static char label_letter(int label) {
    return (char)(label < 26 ? 'A' + label : 'a' + label - 26);
}

static const char *skip_spaces(const char *at) {
    return at + strspn(at, " \t\n");
}

// A term of the subscripts before its operand is known: an ellipsis is one entry.
enum { ELLIPSIS = 0xff };
typedef struct letters {
    int64_t n;
    uint8_t at[IR_MAX_RANK + 1];
    bool has_ellipsis;
} letters;

// Reads letters and an ellipsis up to a comma, an arrow or the end, and returns where it stopped.
static const char *read_subscripts(const einsum *e, const char *at, letters *s) {
    *s = (letters){0};
    for (at = skip_spaces(at); *at && *at != ',' && *at != '-'; at = skip_spaces(at)) {
        int label = letter_label(*at);
        if (s->n > IR_MAX_RANK)
            tr_wrong(e->op, "\"%s\": a term has at most %d subscripts", e->text, IR_MAX_RANK);
        if (label >= 0) {
            s->at[s->n++] = (uint8_t)label;
            at++;
        } else if (!strncmp(at, "...", 3)) {
            if (s->has_ellipsis) tr_wrong(e->op, "\"%s\": a term has two ellipses", e->text);
            s->has_ellipsis = true;
            s->at[s->n++] = ELLIPSIS;
            at += 3;
        } else {
            tr_wrong(e->op, "\"%s\": '%c' is no subscript: they are letters and an ellipsis of three points",
                     e->text, *at);
        }
    }
    return at;
}

static void note_size(einsum *e, int label, int64_t size, uint32_t operand) {
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    if (e->size[label] < 0 || (e->size[label] == 1 && size != 1)) {
        e->size[label] = size;
        e->from[label] = operand;
    } else if (size != 1 && size != e->size[label]) {
        if (e->from[label] == operand)
            tr_wrong(e->op,
                     "\"%s\": subscript %c is %lld and %lld in operand %u, %s: a diagonal needs equal sizes",
                     e->text, label_letter(label), (long long)e->size[label], (long long)size, operand,
                     tr_text(e->op, operand, x));
        if (label >= LETTERS)
            tr_wrong(e->op, "\"%s\": %s and %s: the axes under the ellipsis cannot be broadcast together",
                     e->text, tr_text(e->op, e->from[label], x), tr_text(e->op, operand, y));
        tr_wrong(e->op, "\"%s\": subscript %c is %lld in operand %u, %s, and %lld in operand %u, %s", e->text,
                 label_letter(label), (long long)e->size[label], e->from[label],
                 tr_text(e->op, e->from[label], x), (long long)size, operand, tr_text(e->op, operand, y));
    }
}

// Gives the axes of operand i their labels.
static void label_operand(einsum *e, uint32_t i, const letters *s) {
    const ir_type *type = tr_type(e->op, i);
    int64_t named = s->n - s->has_ellipsis, under = (int64_t)type->rank - named;
    char text[IR_TYPE_TEXT];
    if (under < 0 || (under && !s->has_ellipsis))
        tr_wrong(e->op, "\"%s\": %lld subscripts for operand %u, %s, which has %u %s", e->text,
                 (long long)named, i, tr_text(e->op, i, text), type->rank, type->rank == 1 ? "axis" : "axes");
    term *t = &e->terms[i];
    for (int64_t k = 0; k < s->n; k++) {
        int64_t count = s->at[k] == ELLIPSIS ? under : 1;
        for (int64_t c = 0; c < count; c++) {
            int label = s->at[k] == ELLIPSIS ? LETTERS + (int)(under - 1 - c) : s->at[k];
            note_size(e, label, type->dims[t->n], i);
            e->letters_seen[label]++;
            t->labels[t->n++] = (uint8_t)label;
        }
    }
    if (s->has_ellipsis && under > e->n_ellipsis) e->n_ellipsis = under;
}

static void add_result_label(einsum *e, int label) {
    term *r = &e->result;
    if (r->n == IR_MAX_RANK)
        tr_wrong(e->op, "\"%s\": the result has more than %d axes", e->text, IR_MAX_RANK);
    r->labels[r->n++] = (uint8_t)label;
}

static void add_ellipsis(einsum *e) {
    for (int64_t k = e->n_ellipsis; k--;) add_result_label(e, LETTERS + (int)k);
}

// Without an arrow: the ellipsis, then the letters that occur once, in the order of ASCII.
static void implicit_result(einsum *e) {
    add_ellipsis(e);
    for (int label = 0; label < LETTERS; label++)
        if (e->letters_seen[label] == 1) add_result_label(e, label);
}

static void explicit_result(einsum *e, const char *at) {
    letters s;
    bool seen[LETTERS] = {0};
    at = read_subscripts(e, at, &s);
    if (*at) tr_wrong(e->op, "\"%s\": the result is one term, after one arrow", e->text);
    for (int64_t k = 0; k < s.n; k++) {
        if (s.at[k] == ELLIPSIS) {
            add_ellipsis(e);
            continue;
        }
        char letter = label_letter(s.at[k]);
        if (!e->letters_seen[s.at[k]])
            tr_wrong(e->op, "\"%s\": subscript %c of the result is in no operand", e->text, letter);
        if (seen[s.at[k]]) tr_wrong(e->op, "\"%s\": subscript %c is twice in the result", e->text, letter);
        seen[s.at[k]] = true;
        add_result_label(e, s.at[k]);
    }
}

static void parse(einsum *e) {
    const char *at = e->text;
    uint32_t n = 0;
    for (int label = 0; label < LABELS; label++) e->size[label] = -1;
    for (bool more = true; more; n++) {
        letters s;
        at = read_subscripts(e, at, &s);
        if (n < e->n_terms) label_operand(e, n, &s);
        more = *at == ',';
        if (more) at++;
    }
    if (n != e->n_terms)
        tr_wrong(e->op, "\"%s\" has %u %s for %u %s", e->text, n, n == 1 ? "term" : "terms", e->n_terms,
                 e->n_terms == 1 ? "operand" : "operands");
    if (!*at) implicit_result(e);
    else if (at[1] == '>') explicit_result(e, at + 2);
    else tr_wrong(e->op, "\"%s\": the result stands after an arrow, ->", e->text);
}

// Terms

static int64_t place_of(const term *t, int label) {
    for (int64_t i = 0; i < t->n; i++)
        if (t->labels[i] == label) return i;
    return -1;
}

static void remove_label(term *t, int64_t at) {
    memmove(t->labels + at, t->labels + at + 1, (size_t)(--t->n - at));
}

// Takes the diagonal wherever a term repeats a label; it becomes the last axis.
static void take_diagonals(einsum *e, uint32_t operand) {
    ir_builder *b = e->op->b;
    term *t = &e->terms[operand];
    char text[IR_TYPE_TEXT];
    for (int64_t second = 1; second < t->n;) {
        int label = t->labels[second];
        int64_t first = place_of(t, label);
        if (first == second++) continue;
        const ir_type *type = ir_type_of(b, t->x);
        if (type->dims[first] != type->dims[second - 1])
            tr_wrong(e->op,
                     "\"%s\": subscript %c is %lld and %lld in operand %u, %s: a diagonal needs equal sizes",
                     e->text, label_letter(label), (long long)type->dims[first],
                     (long long)type->dims[second - 1], operand, tr_text(e->op, operand, text));
        t->x = tr_diagonal(b, t->x, first, second - 1, 0);
        remove_label(t, second - 1);
        remove_label(t, first);
        t->labels[t->n++] = (uint8_t)label;
        second = 1;
    }
}

// Takes away the axes of size 1 whose label has another size elsewhere.
static void drop_stretched(const einsum *e, term *t) {
    ir_builder *b = e->op->b;
    for (int64_t i = t->n; i--;) {
        if (ir_type_of(b, t->x)->dims[i] == e->size[t->labels[i]]) continue;
        t->x = tr_remove_axis(b, t->x, i);
        remove_label(t, i);
    }
}

// Whether the result or a term other than these two has the label.
static bool is_needed(const einsum *e, int label, uint32_t a, uint32_t b) {
    if (place_of(&e->result, label) >= 0) return true;
    for (uint32_t i = 0; i < e->n_terms; i++)
        if (i != a && i != b && place_of(&e->terms[i], label) >= 0) return true;
    return false;
}

static void sum_alone(einsum *e, uint32_t i) {
    term *t = &e->terms[i];
    int64_t axes[IR_MAX_RANK], n = 0;
    for (int64_t k = 0; k < t->n; k++)
        if (!is_needed(e, t->labels[k], i, i)) axes[n++] = k;
    if (n) t->x = ir_reduce_sum(e->op->b, t->x, (ir_dims){n, axes});
    while (n) remove_label(t, axes[--n]);
}

// The number of products that contracting two terms takes.
static double cost(const einsum *e, const term *x, const term *y) {
    double products = 1;
    for (int64_t i = 0; i < x->n; i++) products *= (double)e->size[x->labels[i]];
    for (int64_t i = 0; i < y->n; i++)
        if (place_of(x, y->labels[i]) < 0) products *= (double)e->size[y->labels[i]];
    return products;
}

// A term with the axes of another, of whose labels it has some or all.
static ir_val spread(const einsum *e, const term *t, const term *like) {
    int64_t shape[IR_MAX_RANK], axes[IR_MAX_RANK];
    for (int64_t i = 0; i < like->n; i++) axes[i] = place_of(t, like->labels[i]);
    if (t->n == like->n) return ir_transpose(e->op->b, t->x, (ir_dims){t->n, axes});
    for (int64_t i = 0; i < like->n; i++) shape[i] = e->size[like->labels[i]];
    for (int64_t i = 0; i < t->n; i++) axes[i] = place_of(like, t->labels[i]);
    return ir_broadcast_in_dim(e->op->b, t->x, (ir_dims){like->n, shape}, (ir_dims){t->n, axes});
}

static void keep(const einsum *e, term *t, int label) {
    if (t->n == IR_MAX_RANK)
        tr_wrong(e->op, "\"%s\": a product on the way has more than %d axes", e->text, IR_MAX_RANK);
    t->labels[t->n++] = (uint8_t)label;
}

// The product of terms i and j, summed over what only they have.
static term contract(const einsum *e, uint32_t i, uint32_t j) {
    const term *x = &e->terms[i], *y = &e->terms[j];
    int64_t room[4][IR_MAX_RANK], n_batch = 0, n_sum = 0;
    term product = {0};
    for (int64_t k = 0; k < x->n; k++) {
        int64_t other = place_of(y, x->labels[k]);
        if (other < 0) continue;
        bool batch = is_needed(e, x->labels[k], i, j);
        int64_t at = batch ? n_batch++ : n_sum++;
        room[batch][at] = k;
        room[2 + batch][at] = other;
        if (batch) keep(e, &product, x->labels[k]);
    }
    for (int64_t k = 0; k < x->n; k++)
        if (place_of(y, x->labels[k]) < 0) keep(e, &product, x->labels[k]);
    for (int64_t k = 0; k < y->n; k++)
        if (place_of(x, y->labels[k]) < 0) keep(e, &product, y->labels[k]);
    if (n_sum) {
        ir_dot_attributes attributes = {.lhs_contract = {n_sum, room[0]}, .rhs_contract = {n_sum, room[2]},
                                        .lhs_batch = {n_batch, room[1]}, .rhs_batch = {n_batch, room[3]}};
        product.x = ir_dot_general(e->op->b, x->x, y->x, &attributes);
    } else {
        product.x = ir_mul(e->op->b, spread(e, x, &product), spread(e, y, &product));
    }
    return product;
}

// Puts the cheapest pair together; of equal ones the first.
static void contract_cheapest(einsum *e) {
    uint32_t first = 0, second = 1;
    double least = -1;
    for (uint32_t i = 0; i < e->n_terms; i++)
        for (uint32_t j = i + 1; j < e->n_terms; j++) {
            double products = cost(e, &e->terms[i], &e->terms[j]);
            if (least >= 0 && products >= least) continue;
            least = products;
            first = i;
            second = j;
        }
    e->terms[first] = contract(e, first, second);
    e->n_terms--;
    for (uint32_t i = second; i < e->n_terms; i++) e->terms[i] = e->terms[i + 1];
}

static void build_einsum(tr_op *op, const void *options) {
    einsum *e = base_new(&op->b->arena, einsum);
    e->op = op;
    e->text = *(const char *const *)options;
    e->n_terms = op->n_in;
    if (!e->text) tr_wrong(op, "the subscripts are NULL");
    if (!op->n_in) tr_wrong(op, "there must be at least one operand");
    if (op->n_in > MOST_TERMS) tr_wrong(op, "at most %d operands can be handled", MOST_TERMS);
    parse(e);
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    bool logical = kind.dtype == CV_BOOL; // `or` of `and`, counted
    tr_cast(op, 0, op->n_in, logical ? CV_S32 : kind.dtype);
    for (uint32_t i = 0; i < e->n_terms; i++) e->terms[i].x = op->in[i];
    for (uint32_t i = 0; i < e->n_terms; i++) take_diagonals(e, i);
    for (uint32_t i = 0; i < e->n_terms; i++) drop_stretched(e, &e->terms[i]);
    for (uint32_t i = 0; i < e->n_terms; i++) sum_alone(e, i);
    while (e->n_terms > 1) contract_cheapest(e);
    ir_val x = spread(e, &e->terms[0], &e->result);
    op->out[0] = logical ? tr_truth(op->b, x) : x;
    op->weak_out[0] = kind.weak;
}

cv_val cv_einsum_at(const char *subscripts, cv_vals operands, cv_here here) {
    return tr_operation("cv_einsum", here, build_einsum, &subscripts, operands.at, tr_list_length(operands));
}

// The matrices as subscripts ab,bc,cd->ad; vectors at the ends have one letter.
static void build_multi_dot(tr_op *op, const void *options) {
    (void)options;
    enum { MOST = 26 };
    char text[4 * MOST + 8], shape[IR_TYPE_TEXT], *at = text;
    const char *subscripts = text;
    uint32_t n = op->n_in;
    if (n < 2 || n > MOST) tr_wrong(op, "takes 2 to %d matrices, not %u", MOST, n);
    for (uint32_t i = 0; i < n; i++) {
        bool end = i == 0 || i == n - 1;
        uint32_t rank = tr_type(op, i)->rank;
        if (rank != 2 && !(end && rank == 1))
            tr_wrong(op, "operand %u is %s: it must be a matrix%s", i, tr_text(op, i, shape),
                     end ? " or a vector" : "");
        if (i || rank == 2) *at++ = (char)('a' + i);
        if (i < n - 1 || rank == 2) *at++ = (char)('b' + i);
        *at++ = ',';
    }
    at[-1] = '-';
    *at++ = '>';
    if (tr_type(op, 0)->rank == 2) *at++ = 'a';
    if (tr_type(op, n - 1)->rank == 2) *at++ = (char)('a' + n);
    *at = 0;
    build_einsum(op, &subscripts);
}

cv_val cv_multi_dot_at(cv_vals matrices, cv_here here) {
    return tr_operation("cv_multi_dot", here, build_multi_dot, NULL, matrices.at, tr_list_length(matrices));
}
