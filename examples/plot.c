// Pictures for the examples, with cairo: everything is drawn on a recording, which is played to each file.

#include "plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_CAIRO
#include <cairo-svg.h>

struct plot {
    cairo_surface_t *recording;
    cairo_t *c;
    double width, height;
};

static void set_colour(plot *p, uint32_t colour, double opacity) {
    cairo_set_source_rgba(p->c, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                          (colour & 255) / 255.0, opacity);
}

plot *plot_new(double width, double height) {
    plot *p = malloc(sizeof *p);
    if (!p) return NULL;
    p->width = width, p->height = height;
    p->recording =
        cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &(cairo_rectangle_t){0, 0, width, height});
    p->c = cairo_create(p->recording);
    set_colour(p, 0xffffff, 1);
    cairo_paint(p->c);
    cairo_select_font_face(p->c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    return p;
}

void plot_text(plot *p, double x, double y, double size, double anchor, uint32_t colour, const char *text) {
    if (!p) return;
    cairo_text_extents_t extents;
    cairo_set_font_size(p->c, size);
    cairo_text_extents(p->c, text, &extents);
    set_colour(p, colour, 1);
    cairo_move_to(p->c, x - anchor * extents.x_advance, y);
    cairo_show_text(p->c, text);
}

static double page_x(const plot_axes *a, double x) {
    return a->left + a->width * (x - a->x_low) / (a->x_high - a->x_low);
}

static double page_y(const plot_axes *a, double y) {
    double at =
        a->log_y ? log(y / a->y_low) / log(a->y_high / a->y_low) : (y - a->y_low) / (a->y_high - a->y_low);
    return a->top + a->height * (1 - at);
}

// The distance of about five round ticks: 1, 2 or 5 times a power of ten.
static double tick_step(double low, double high) {
    double raw = (high - low) / 5, power = pow(10, floor(log10(raw))), ratio = raw / power;
    return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void grid_line(plot *p, double x1, double y1, double x2, double y2) {
    set_colour(p, 0xe5e7eb, 1);
    cairo_set_line_width(p->c, 0.75);
    cairo_move_to(p->c, x1, y1);
    cairo_line_to(p->c, x2, y2);
    cairo_stroke(p->c);
}

static void x_ticks(plot *p, const plot_axes *a) {
    double step = tick_step(a->x_low, a->x_high), bottom = a->top + a->height;
    for (double k = ceil(a->x_low / step - 1e-9); k * step <= a->x_high + 1e-9 * step; k++) {
        char text[32];
        snprintf(text, sizeof text, "%g", k * step + 0.0); // 0, not -0
        grid_line(p, page_x(a, k * step), a->top, page_x(a, k * step), bottom);
        plot_text(p, page_x(a, k * step), bottom + 14, 10, 0.5, PLOT_SOFT, text);
    }
}

static void y_tick(plot *p, const plot_axes *a, double y, const char *text) {
    grid_line(p, a->left, page_y(a, y), a->left + a->width, page_y(a, y));
    plot_text(p, a->left - 6, page_y(a, y) + 3.5, 10, 1, PLOT_SOFT, text);
}

static void y_ticks(plot *p, const plot_axes *a) {
    char text[32];
    double step = a->log_y ? ceil(log10(a->y_high / a->y_low) / 6) : tick_step(a->y_low, a->y_high);
    double low = a->log_y ? log10(a->y_low) : a->y_low, high = a->log_y ? log10(a->y_high) : a->y_high;
    for (double k = ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
        double y = a->log_y ? pow(10, k * step) : k * step + 0.0;
        snprintf(text, sizeof text, "%g", y);
        y_tick(p, a, y, text);
    }
}

void plot_frame(plot *p, const plot_axes *a) {
    if (!p) return;
    if (!a->no_ticks) x_ticks(p, a), y_ticks(p, a);
    set_colour(p, 0x9ca3af, 1);
    cairo_set_line_width(p->c, 1);
    cairo_rectangle(p->c, a->left, a->top, a->width, a->height);
    cairo_stroke(p->c);
    if (a->title) plot_text(p, a->left, a->top - 10, 13, 0, PLOT_INK, a->title);
    if (a->x_label)
        plot_text(p, a->left + a->width / 2, a->top + a->height + 32, 11, 0.5, PLOT_INK, a->x_label);
    if (!a->y_label) return;
    cairo_save(p->c);
    cairo_translate(p->c, a->left - 40, a->top + a->height / 2);
    cairo_rotate(p->c, -M_PI / 2);
    plot_text(p, 0, 0, 11, 0.5, PLOT_INK, a->y_label);
    cairo_restore(p->c);
}

void plot_curve(plot *p, const plot_axes *a, const double *x, const double *y, int n, plot_style style) {
    if (!p) return;
    cairo_save(p->c);
    cairo_rectangle(p->c, a->left, a->top, a->width, a->height);
    cairo_clip(p->c);
    set_colour(p, style.colour, style.opacity);
    cairo_set_line_width(p->c, style.width);
    cairo_set_line_join(p->c, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(p->c, CAIRO_LINE_CAP_ROUND);
    cairo_new_path(p->c);
    for (int i = 0; i < n; i++) {
        if (isfinite(x[i]) && isfinite(y[i]))
            cairo_line_to(p->c, page_x(a, x[i]), page_y(a, y[i]));
        else
            cairo_new_sub_path(p->c);
    }
    cairo_stroke(p->c);
    cairo_restore(p->c);
}

void plot_dot(plot *p, const plot_axes *a, double x, double y, double radius, uint32_t colour) {
    if (!p) return;
    set_colour(p, colour, 1);
    cairo_arc(p->c, page_x(a, x), page_y(a, y), radius, 0, 2 * M_PI);
    cairo_fill(p->c);
}

void plot_image(plot *p, double left, double top, double size, const float *pixels, int rows, int columns) {
    if (!p) return;
    double cell = size / (rows > columns ? rows : columns);
    cairo_save(p->c);
    cairo_set_antialias(p->c, CAIRO_ANTIALIAS_NONE);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            set_colour(p, PLOT_INK, pixels[i * columns + j]);
            cairo_rectangle(p->c, left + j * cell, top + i * cell, cell, cell);
            cairo_fill(p->c);
        }
    cairo_restore(p->c);
    set_colour(p, 0xd1d5db, 1);
    cairo_set_line_width(p->c, 0.75);
    cairo_rectangle(p->c, left, top, size, size);
    cairo_stroke(p->c);
}

// Plays the recording; takes over the surface.
static cairo_status_t play(const plot *p, cairo_surface_t *to, double scale, const char *png) {
    cairo_t *c = cairo_create(to);
    cairo_scale(c, scale, scale);
    cairo_set_source_surface(c, p->recording, 0, 0);
    cairo_paint(c);
    cairo_status_t status = cairo_status(c);
    cairo_destroy(c);
    if (!status && png) status = cairo_surface_write_to_png(to, png);
    cairo_surface_finish(to);
    if (!status) status = cairo_surface_status(to);
    cairo_surface_destroy(to);
    return status;
}

bool plot_save(plot *p, const char *stem) {
    char svg[4096], png[4096];
    if (!p) return false;
    snprintf(svg, sizeof svg, "%s.svg", stem);
    snprintf(png, sizeof png, "%s.png", stem);
    cairo_status_t drawn = cairo_status(p->c);
    cairo_destroy(p->c);
    cairo_surface_flush(p->recording);
    const char *file = svg;
    cairo_status_t status =
        drawn ? drawn : play(p, cairo_svg_surface_create(svg, p->width, p->height), 1, NULL);
    if (!status) {
        file = png;
        int width = (int)lround(2 * p->width), height = (int)lround(2 * p->height);
        status = play(p, cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), 2, png);
    }
    if (status) fprintf(stderr, "%s: %s\n", file, cairo_status_to_string(status));
    cairo_surface_destroy(p->recording);
    free(p);
    return !status;
}

#else

struct plot {
    int unused;
};

plot *plot_new(double width, double height) {
    (void)width, (void)height;
    return NULL;
}
void plot_frame(plot *p, const plot_axes *a) { (void)p, (void)a; }
void plot_curve(plot *p, const plot_axes *a, const double *x, const double *y, int n, plot_style style) {
    (void)p, (void)a, (void)x, (void)y, (void)n, (void)style;
}
void plot_dot(plot *p, const plot_axes *a, double x, double y, double radius, uint32_t colour) {
    (void)p, (void)a, (void)x, (void)y, (void)radius, (void)colour;
}
void plot_text(plot *p, double x, double y, double size, double anchor, uint32_t colour, const char *text) {
    (void)p, (void)x, (void)y, (void)size, (void)anchor, (void)colour, (void)text;
}
void plot_image(plot *p, double left, double top, double size, const float *pixels, int rows, int columns) {
    (void)p, (void)left, (void)top, (void)size, (void)pixels, (void)rows, (void)columns;
}
bool plot_save(plot *p, const char *stem) {
    (void)p;
    fprintf(stderr, "%s: not drawn: this was built without cairo\n", stem);
    return true;
}

#endif
