// Pictures for the examples: curves in axes with ticks and labels, small gray images, text.
//
// A plot is drawn once and saved twice, as SVG and as PNG. All lengths are points (1/72 inch) from the
// upper left corner; colours are 0xRRGGBB. Without cairo nothing is drawn and plot_save says so.
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct plot plot;

// A rectangle on the page, and the ranges of the coordinates that it shows.
typedef struct plot_axes {
    double left, top, width, height;
    double x_low, x_high, y_low, y_high;
    const char *title, *x_label, *y_label; // or NULL
    bool log_y;    // powers of ten; y_low must be positive
    bool no_ticks; // for a picture in the plane
} plot_axes;

typedef struct plot_style {
    uint32_t colour;
    double width, opacity;
} plot_style;

enum { PLOT_BLUE = 0x2b6cb0, PLOT_RED = 0xc2410c, PLOT_INK = 0x1f2937, PLOT_SOFT = 0x6b7280 };

plot *plot_new(double width, double height);
void plot_frame(plot *p, const plot_axes *a);
// Points that are not finite interrupt the curve; what is outside the axes is cut off.
void plot_curve(plot *p, const plot_axes *a, const double *x, const double *y, int n, plot_style style);
void plot_dot(plot *p, const plot_axes *a, double x, double y, double radius, uint32_t colour);
// Anchor: 0 the text begins at x, 0.5 it is centred, 1 it ends there; y is its base line.
void plot_text(plot *p, double x, double y, double size, double anchor, uint32_t colour, const char *text);
// rows * columns pixels from 0 (white) to 1 (ink), as a square of this size.
void plot_image(plot *p, double left, double top, double size, const float *pixels, int rows, int columns);
// Writes <stem>.svg and <stem>.png, this twice as large, and frees the plot. False if a file could not be
// written, with a line on stderr.
bool plot_save(plot *p, const char *stem);

#endif
