// Status codes: what every entry point that can fail returns.
#ifndef COVECTOR_STATUS_H
#define COVECTOR_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

// The one table of status codes and their texts.
#define CV_STATUS_TABLE(row)                                            \
    row(CV_OK, "no error")                                              \
    row(CV_INVALID, "the call is wrong: its message says where and why") \
    row(CV_UNSUPPORTED, "correct, but not supported")                   \
    row(CV_OUT_OF_MEMORY, "out of memory")                              \
    row(CV_IO, "a file cannot be read or written")                      \
    row(CV_INTERNAL, "a fault of the library itself")

typedef enum cv_status {
#define CV_STATUS_ROW(code, text) code,
    CV_STATUS_TABLE(CV_STATUS_ROW)
#undef CV_STATUS_ROW
} cv_status;

#if defined(__GNUC__)
#define CV_API __attribute__((visibility("default")))
#else
#define CV_API
#endif

// The text of a status code; a static string.
CV_API const char *cv_status_text(cv_status status);

#ifdef __cplusplus
}
#endif
#endif
